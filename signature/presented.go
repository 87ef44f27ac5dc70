package signature

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// Bounds of a header. Senders write two signatures, while a secret rotates.
const (
	maxHeader  = 4096
	maxEntries = 16
)

// presented is what a header offers.
type presented struct {
	macs [maxEntries][sha256.Size]byte
	n    int
}

// read takes the signatures out of a header, and the time as it is written, since that text is what was signed. What is
// not spelled as a whole MAC is passed over where others may stand beside it: a prefix of one is easy to forge.
func (p *presented) read(s *Scheme, l layout, header string) (t string, err error) {
	if len(header) > maxHeader {
		return "", errTooLong
	}
	if s.Separator == "" {
		digits, ok := strings.CutPrefix(header, s.Prefix)
		if !ok || !p.add(s, digits) {
			return "", errForm
		}
		return "", nil
	}
	var timed, signed bool
	entries := 0
	for more := true; more; {
		var entry string
		entry, header, more = strings.Cut(header, s.Separator)
		if entry = trimBlanks(entry); entry == "" && s.Separator == " " {
			continue // spaces separate once, however many there are
		}
		if entries++; entries > maxEntries {
			return "", errTooMany
		}
		if l.inside && (entry == "t" || strings.HasPrefix(entry, "t=")) {
			if timed {
				return "", errTwoTimes
			}
			timed, t = true, strings.TrimPrefix(entry[1:], "=")
		} else if digits, ok := strings.CutPrefix(entry, s.Prefix); ok || entry == strings.TrimRight(s.Prefix, "=") {
			signed = true
			p.add(s, digits)
		}
	}
	switch {
	case l.inside && !timed:
		return "", errNoTime
	case !signed:
		return "", errNoSignature
	}
	return t, nil
}

var strictBase64 = base64.StdEncoding.Strict()

// add takes a signature, and reports false for what is none.
func (p *presented) add(s *Scheme, digits string) bool {
	const hexLength, base64Length = 2 * sha256.Size, 44
	var text [hexLength]byte
	var mac [sha256.Size + 1]byte // what as many digits of base64 could spell
	var n int
	var err error
	switch {
	case s.Base64 && len(digits) == base64Length:
		n, err = strictBase64.Decode(mac[:], text[:copy(text[:], digits)])
	case !s.Base64 && len(digits) == hexLength:
		n, err = hex.Decode(mac[:], text[:copy(text[:], digits)])
	}
	if err != nil || n != sha256.Size {
		return false
	}
	copy(p.macs[p.n][:], mac[:])
	p.n++
	return true
}

// match returns the index of the first secret under which one of the MACs fits.
func (p *presented) match(s *Scheme, secrets []Secret, id, t string, body []byte) (int, error) {
	err := ErrNoSecret
	if s.Base64Key {
		err = errStandardKey
	}
	var sum [sha256.Size]byte
	for i, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		key, unusable := secret.key(s.Base64Key)
		if unusable != nil {
			if errors.Is(err, ErrNoSecret) {
				err = unusable
			}
			continue
		}
		err = ErrMismatch
		key.mac(&sum, s, id, t, body)
		fit := 0
		for _, mac := range p.macs[:p.n] {
			fit |= subtle.ConstantTimeCompare(sum[:], mac[:])
		}
		if fit == 1 {
			return i, nil
		}
	}
	return -1, err
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
