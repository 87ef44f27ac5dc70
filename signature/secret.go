package signature

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
)

const (
	secretPrefix = "whsec_"
	placeholder  = "[secret]"
)

var errMarshal = errors.New("signature: a Secret does not marshal: it would leak, or come back as a placeholder; " +
	"store Reveal() on purpose")

// Secret is what signs: the text two ends share. It never prints: every fmt verb, slog and [Secret.String] show
// "[secret]", marshalling is an error, and [Secret.Reveal] is the one way to its text.
//
// The zero Secret is absent: it signs nothing and verifies nothing. A Secret carries warm HMAC state, so make it once
// and keep it; copies share that state. Copies of one Secret are == and reflect.DeepEqual, two Secrets made of the same
// text are not: use [Secret.Equal]. Safe for concurrent use.
type Secret struct{ p *sealed }

// sealed is a func behind a pointer. It is tempting to keep the text itself. But fmt calls no methods on unexported
// fields of a struct around a Secret, and spew (testify's diffs) calls none at all and follows pointers. Neither looks
// into a func. The pointer around it keeps a Secret comparable.
type sealed struct{ open func() *material }

type material struct {
	text     string
	digest   [sha256.Size]byte
	whole    hmacKey
	standard hmacKey
	pair     *pair // nil: no Ed25519 secret
	unusable error // why there is neither standard nor pair
}

// NewSecret returns the secret of text, taken whole as it was shown: "whsec_" is part of it, nothing is trimmed.
// The empty text makes the zero Secret, which verifiers pass over.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	m := &material{text: text, digest: sha256.Sum256([]byte(text))}
	m.whole.key = []byte(text)
	if m.pair, m.unusable = readPair(text); m.pair == nil && m.unusable == nil {
		m.standard.key, m.unusable = standardKey(text)
	}
	return Secret{&sealed{func() *material { return m }}}
}

// GenerateSecret returns a new random secret: "whsec_" and 44 letters and digits, 262 bits. They need no quoting in
// shells, lists and URLs. They are also base64 (33 bytes), so that the secret serves every scheme of this package.
func GenerateSecret() Secret {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	const length = 44
	text := make([]byte, 0, len(secretPrefix)+length)
	text = append(text, secretPrefix...)
	var random [64]byte
	for len(text) < cap(text) {
		rand.Read(random[:]) // never fails: see crypto/rand
		for _, b := range random {
			// 62 does not divide 256; taking the remainder of every byte would favour the first letters.
			if int(b) >= 4*len(alphabet) || len(text) == cap(text) {
				continue
			}
			text = append(text, alphabet[int(b)%len(alphabet)])
		}
	}
	return NewSecret(string(text))
}

// Reveal returns the text; "" for the zero Secret. Every use of a secret in the clear goes through it, so search for
// it.
func (s Secret) Reveal() string {
	if s.p == nil {
		return ""
	}
	return s.p.open().text
}

// Equal reports in constant time whether both have the same text. An absent secret equals nothing, not even another
// absent one, so that a check against a secret that was never configured fails.
func (s Secret) Equal(o Secret) bool {
	if s.p == nil || o.p == nil {
		return false
	}
	a, b := s.p.open(), o.p.open()
	return subtle.ConstantTimeCompare(a.digest[:], b.digest[:]) == 1
}

// IsZero reports an absent or empty secret.
func (s Secret) IsZero() bool { return s.p == nil }

// String returns "[secret]".
func (s Secret) String() string { return placeholder }

// GoString returns "[secret]".
func (s Secret) GoString() string { return placeholder }

// Format implements [fmt.Formatter]: "[secret]" for every verb, %x and %q too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(placeholder)) }

// LogValue implements [slog.LogValuer] with "[secret]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(placeholder) }

// MarshalText returns an error. A placeholder would corrupt a configuration file without a word.
func (s Secret) MarshalText() ([]byte, error) { return nil, errMarshal }

// MarshalJSON returns an error, as [Secret.MarshalText] does.
func (s Secret) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// material is nil for the zero Secret.
func (s Secret) material() *material {
	if s.p == nil {
		return nil
	}
	return s.p.open()
}

// shared is nil for a public key too: everybody may know it.
func (s Secret) shared() *material {
	if s.IsPublic() {
		return nil
	}
	return s.material()
}

// pair is the Ed25519 key pair of the secret, where s takes one.
func (s Secret) pair(by *Scheme) *pair {
	if m := s.material(); m != nil && by.Ed25519Prefix != "" {
		return m.pair
	}
	return nil
}

// key is what the secret signs with: its whole text, or the key that its text is the base64 of.
func (s Secret) key(fromBase64 bool) (*hmacKey, error) {
	m := s.material()
	switch {
	case m == nil:
		return nil, ErrNoSecret
	case fromBase64 && m.pair != nil:
		return nil, errStandardKey
	case fromBase64:
		return &m.standard, m.unusable
	case s.IsPublic():
		return nil, errKnown // anybody could make the MAC
	}
	return &m.whole, nil
}
