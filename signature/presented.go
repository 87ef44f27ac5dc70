package signature

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
)

// Bounds of a header. The protocols know two signatures, while a secret rotates.
const (
	maxHeader     = 4096
	maxSignatures = 16
)

// presented is what a header offers: MACs as they are written.
type presented struct {
	macs [maxSignatures]string
	n    int
}

// add takes a MAC of exactly length bytes and passes over any other: a shorter one must never be compared, since a
// prefix is easy to forge.
func (p *presented) add(mac string, length int) {
	if len(mac) == length {
		p.macs[p.n] = mac
		p.n++
	}
}

// scheme says what of a secret is the key, and how a MAC is written.
type scheme int

const (
	hexWhole    scheme = iota // the whole text; hex of either case
	base64After               // what follows whsec_, decoded; canonical base64
)

// match returns the index of the first secret under which one of the MACs fits.
func (p *presented) match(sc scheme, secrets []Secret, body []byte, heads ...string) (int, error) {
	err := ErrNoSecret
	var sum [sha256.Size]byte
	if sc == base64After {
		err = errStandardKey
	}
	for i, s := range secrets {
		m := s.material()
		if m == nil {
			continue
		}
		if sc == base64After && m.unusable != nil {
			if errors.Is(err, ErrNoSecret) {
				err = m.unusable
			}
			continue
		}
		err = ErrMismatch
		if sc == base64After {
			m.standard.mac(&sum, body, heads...)
			if p.fitsBase64(&sum) {
				return i, nil
			}
			continue
		}
		m.whole.mac(&sum, body, heads...)
		if p.fitsHex(&sum) {
			return i, nil
		}
	}
	return -1, err
}

func (p *presented) fitsHex(sum *[sha256.Size]byte) bool {
	fit := false
	for _, mac := range p.macs[:p.n] {
		fit = fits(sum, mac) || fit
	}
	return fit
}

// fitsBase64 compares texts too: the canonical spelling is the only one.
func (p *presented) fitsBase64(sum *[sha256.Size]byte) bool {
	var text, given [base64Length]byte
	base64.StdEncoding.Encode(text[:], sum[:])
	fit := 0
	for _, mac := range p.macs[:p.n] {
		copy(given[:], mac)
		fit |= subtle.ConstantTimeCompare(text[:], given[:])
	}
	return fit == 1
}
