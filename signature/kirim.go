package signature

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var (
	errTwoTimes = fmt.Errorf("%w: t stands twice", ErrMalformed)
	errNoTime   = fmt.Errorf("%w: no t", ErrMalformed)
)

// SignKirim appends the value of X-Kirim-Signature to dst and returns the extended slice: "t=<unix seconds>" and one
// ",v1=<lower-case hex>" per secret, in the order given. See https://developers.kirim.chat/webhooks/signing/.
//
// Sign every attempt anew: receivers refuse a signature older than five minutes. Absent secrets are passed over, and
// those after the fifteenth, since a header holds at most 16 entries. With no secret at all, or a now outside the years
// 1970 to 5138, there is nothing to sign with and dst comes back as it was.
func SignKirim(dst, body []byte, now time.Time, secrets ...Secret) []byte {
	unix := now.Unix()
	if unix < 0 || unix > maxUnix {
		return dst
	}
	out := append(dst, "t="...)
	out = strconv.AppendInt(out, unix, 10)
	t := string(out[len(dst)+len("t="):])
	var sum [sha256.Size]byte
	signatures := 0
	for _, s := range secrets {
		m := s.material()
		if m == nil {
			continue
		}
		if signatures++; signatures == maxSignatures {
			break
		}
		m.whole.mac(&sum, body, t)
		out = append(out, ",v1="...)
		out = appendHex(out, &sum)
	}
	if signatures == 0 {
		return dst
	}
	return out
}

// VerifyKirim checks the value of X-Kirim-Signature against body, the exact bytes received, and reports the index of
// the secret that matched. See https://developers.kirim.chat/webhooks/signing/.
//
// One v1 that fits one secret is enough. The header holds exactly one t, at least one v1, at most 16 entries and at
// most 4096 bytes; spaces and tabs around entries, entries of other names and a v1 that is not 64 hex digits (of either
// case) are passed over. The age is looked at last, in whole seconds, so that [ErrTooOld] and [ErrTooNew] speak of
// genuine requests only. tolerance 0 means [DefaultTolerance]; a negative one switches the age check off.
//
// Other errors: [ErrMissing], [ErrMalformed], [ErrMismatch], [ErrNoSecret]. On an error the index is -1.
func VerifyKirim(header string, body []byte, now time.Time, tolerance time.Duration, secrets ...Secret) (matched int, err error) {
	var p presented
	t, err := p.parseKirim(header)
	if err != nil {
		return -1, err
	}
	signed, ok := parseUnix(t)
	if !ok {
		return -1, errTimestamp
	}
	matched, err = p.match(hexWhole, secrets, body, t)
	if err != nil {
		return -1, err
	}
	if err := checkAge(signed, now, tolerance); err != nil {
		return -1, err
	}
	return matched, nil
}

// parseKirim returns t as it is written, since that text is what was signed.
func (p *presented) parseKirim(header string) (t string, err error) {
	switch {
	case header == "":
		return "", ErrMissing
	case len(header) > maxHeader:
		return "", errTooLong
	}
	var haveTime, haveV1 bool
	entries := 0
	for more := true; more; {
		if entries++; entries > maxSignatures {
			return "", errTooMany
		}
		var entry string
		entry, header, more = strings.Cut(header, ",")
		entry = trimBlanks(entry)
		if entry == "t" || strings.HasPrefix(entry, "t=") {
			if haveTime {
				return "", errTwoTimes
			}
			haveTime, t = true, strings.TrimPrefix(entry[1:], "=")
		} else if entry == "v1" || strings.HasPrefix(entry, "v1=") {
			haveV1 = true
			p.add(strings.TrimPrefix(entry[2:], "="), hexLength)
		}
	}
	switch {
	case !haveTime:
		return "", errNoTime
	case !haveV1:
		return "", errNoSignature
	}
	return t, nil
}

// trimBlanks is strings.Trim(s, " \t") at a tenth of its cost.
func trimBlanks(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}
