package signature

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks, in canonical form.
const (
	HeaderStandardPrefix = "Webhook-" // of all the others

	HeaderStandardID        = "Webhook-Id"
	HeaderStandardTimestamp = "Webhook-Timestamp" // Unix seconds
	HeaderStandardSignature = "Webhook-Signature"
)

const (
	maxStandardID = 255
	base64Length  = 44 // of a MAC
	minStandard   = 24 // bytes of a key
)

var (
	errStandardID  = fmt.Errorf("%w: the id is not 1 to 255 printable ASCII bytes without a dot or space", ErrMalformed)
	errStandardKey = fmt.Errorf("%w: for Standard Webhooks the text after whsec_ must be the key in base64", ErrNoSecret)
	errShortKey    = fmt.Errorf("%w: the key after whsec_ has fewer than 24 bytes, the specification asks for 24 to 64",
		ErrNoSecret)
)

// CheckStandard reports whether secret can be used with [SignStandard] and [VerifyStandard]: nil, or an error that
// wraps [ErrNoSecret] and gives the reason. Call it where a secret is configured.
//
// The key is what the text after "whsec_" decodes to as base64 of the standard alphabet, with or without padding; the
// prefix may be absent, or have "v1," before it. The specification asks for keys of 24 to 64 bytes: shorter ones are
// refused, longer ones are as good. [GenerateSecret] makes 33.
func CheckStandard(secret Secret) error {
	m := secret.material()
	if m == nil {
		return ErrNoSecret
	}
	return m.unusable
}

// standardKey says nothing of where the text breaks the rule: that would be a byte of it.
func standardKey(text string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(text, "v1,"); ok && strings.HasPrefix(rest, secretPrefix) {
		text = rest
	}
	text = strings.TrimPrefix(text, secretPrefix)
	encoding := base64.RawStdEncoding
	if len(text)%4 == 0 {
		encoding = base64.StdEncoding
	}
	key, err := encoding.DecodeString(text)
	if err != nil || len(key) == 0 || strings.ContainsAny(text, "\r\n") {
		return nil, errStandardKey
	}
	if len(key) < minStandard {
		return nil, errShortKey
	}
	return key, nil
}

// SignStandard appends the value of Webhook-Signature to dst and returns the extended slice: one "v1,<base64>" per
// secret with a space between them. The request carries id as Webhook-Id and the seconds of now as Webhook-Timestamp.
// See https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
//
// It signs wholly or not at all. With no secret, more than 16, one that fails [CheckStandard], an id that is not 1 to
// 255 printable ASCII bytes without space and dot (the specification forbids dots: they make two requests of one signed
// text), or a now outside the years 1970 to 5138, dst comes back as it was.
func SignStandard(dst []byte, id string, body []byte, now time.Time, secrets ...Secret) []byte {
	unix := now.Unix()
	if unix < 0 || unix > maxUnix || !validStandardID(id) || len(secrets) > maxSignatures {
		return dst
	}
	var digits [11]byte
	t := string(strconv.AppendInt(digits[:0], unix, 10))
	out := dst
	var sum [sha256.Size]byte
	for i, s := range secrets {
		if CheckStandard(s) != nil {
			return dst
		}
		s.material().standard.mac(&sum, body, id, t)
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, "v1,"...)
		out = base64.StdEncoding.AppendEncode(out, sum[:])
	}
	return out
}

// VerifyStandard checks the values of Webhook-Id, Webhook-Timestamp and Webhook-Signature against body, the exact bytes
// received, and reports the index of the secret that matched. See
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
//
// One v1 that fits one secret is enough. Signatures of other versions (v1a is asymmetric) and those that are not base64
// of 32 bytes are passed over, as are secrets that fail [CheckStandard]; with none left the error wraps [ErrNoSecret].
// The header holds at least one v1, at most 16 signatures and at most 4096 bytes. The id follows [SignStandard]'s rule.
// The age is looked at last and judged as in [VerifyKirim].
//
// Errors: [ErrMissing] (any of the three absent), [ErrMalformed], [ErrMismatch], [ErrTooOld], [ErrTooNew],
// [ErrNoSecret]. On an error the index is -1.
func VerifyStandard(id, timestamp, header string, body []byte, now time.Time, tolerance time.Duration, secrets ...Secret) (matched int, err error) {
	if id == "" || timestamp == "" || header == "" {
		return -1, ErrMissing
	}
	if !validStandardID(id) {
		return -1, errStandardID
	}
	signed, ok := parseUnix(timestamp)
	if !ok {
		return -1, errTimestamp
	}
	var p presented
	if err := p.parseStandard(header); err != nil {
		return -1, err
	}
	matched, err = p.match(base64After, secrets, body, id, timestamp)
	if err != nil {
		return -1, err
	}
	if err := checkAge(signed, now, tolerance); err != nil {
		return -1, err
	}
	return matched, nil
}

func (p *presented) parseStandard(header string) error {
	if len(header) > maxHeader {
		return errTooLong
	}
	entries, haveV1 := 0, false
	for more := true; more; {
		var entry string
		entry, header, more = strings.Cut(header, " ")
		if entry = strings.Trim(entry, "\t"); entry == "" {
			continue
		}
		if entries++; entries > maxSignatures {
			return errTooMany
		}
		if text, ok := strings.CutPrefix(entry, "v1,"); ok {
			haveV1 = true
			p.add(text, base64Length)
		}
	}
	if !haveV1 {
		return errNoSignature
	}
	return nil
}

func validStandardID(id string) bool {
	if id == "" || len(id) > maxStandardID {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c > '~' || c == '.' {
			return false
		}
	}
	return true
}
