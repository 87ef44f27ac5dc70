package signature

import (
	"crypto/ed25519"
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

	signatures []ed25519Signature // where a secret verifies such ones
	wants      kinds
}

type ed25519Signature = [ed25519.SignatureSize]byte

// maxVerified bounds what a request costs: each hashes the body, and takes as long as dozens of MACs.
const maxVerified = 16

// kinds are the ways in which secrets verify, or would if they were sound.
type kinds struct{ mac, ed25519 bool }

func (s *Scheme) kindsOf(secrets []Secret) kinds {
	var k kinds
	for _, secret := range secrets {
		switch m := secret.material(); {
		case m == nil:
		case s.Ed25519Prefix != "" && asymmetric(m.text):
			k.ed25519 = true
		default:
			k.mac = true
		}
	}
	k.mac = k.mac || !k.ed25519
	return k
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
		} else if p.take(s, entry) {
			signed = true
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

// take reports whether entry is of a version that was asked for.
func (p *presented) take(s *Scheme, entry string) (asked bool) {
	if digits, ok := strings.CutPrefix(entry, s.Prefix); p.wants.mac && (ok || entry == strings.TrimRight(s.Prefix, "=")) {
		asked = true
		p.add(s, digits)
	}
	if digits, ok := strings.CutPrefix(entry, s.Ed25519Prefix); p.wants.ed25519 && ok {
		asked = true
		p.addEd25519(s, digits)
	}
	return asked
}

func (p *presented) addEd25519(s *Scheme, digits string) {
	signed, err := hex.DecodeString(digits)
	if s.Base64 {
		signed, err = strictBase64.DecodeString(digits)
	}
	if err == nil && len(signed) == ed25519.SignatureSize && !strings.ContainsAny(digits, "\r\n") {
		p.signatures = append(p.signatures, ed25519Signature(signed))
	}
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
	var message *[]byte
	defer func() { release(message) }()
	left := maxVerified
	for i, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		if pair := secret.pair(s); pair != nil {
			err = ErrMismatch
			if message == nil && len(p.signatures) > 0 {
				message = s.message(id, t, body)
			}
			for _, signed := range p.signatures[:min(left, len(p.signatures))] {
				if left--; ed25519.Verify(pair.public, *message, signed[:]) {
					return i, nil
				}
			}
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
