package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
)

// What the text of an Ed25519 secret begins with. See
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
const (
	privatePrefix = "whsk_"
	publicPrefix  = "whpk_"
)

var (
	errPair = fmt.Errorf("%w: after whsk_ must stand the base64 of an Ed25519 seed (32 bytes), or of that and the "+
		"public key (64)", ErrNoSecret)
	errHalves = fmt.Errorf("%w: after whsk_ stand a seed and the public key of another", ErrNoSecret)
	errPublic = fmt.Errorf("%w: after whpk_ must stand the base64 of an Ed25519 public key (32 bytes)", ErrNoSecret)
	errWeak   = fmt.Errorf("%w: after whpk_ stands a point of small order, which fits signatures that anybody can make",
		ErrNoSecret)
	errVerifies = fmt.Errorf("%w: a public key (whpk_) verifies and cannot sign", ErrNoSecret)
	errKnown    = fmt.Errorf("%w: a public key (whpk_) is no secret to share", ErrNoSecret)
)

// pair is an Ed25519 key pair, or its public half.
type pair struct {
	private ed25519.PrivateKey // nil: the public half alone
	public  ed25519.PublicKey
}

// GenerateEd25519 returns a new private key for the asymmetric signatures (v1a) of Standard Webhooks: "whsk_" and the
// base64 of seed and public key. It stays with the sender. Receivers get [Secret.Public].
func GenerateEd25519() Secret {
	seed := make([]byte, ed25519.SeedSize)
	rand.Read(seed) // never fails: see crypto/rand
	return NewSecret(privatePrefix + base64.StdEncoding.EncodeToString(ed25519.NewKeyFromSeed(seed)))
}

// Public returns what verifies the Ed25519 signatures of s: "whpk_" and base64, to be shown to receivers. For a secret
// that is public already it returns that, and for any other the zero Secret.
func (s Secret) Public() Secret {
	if s.IsPublic() {
		return s
	}
	m := s.material()
	if m == nil || m.pair == nil {
		return Secret{}
	}
	return NewSecret(publicPrefix + base64.StdEncoding.EncodeToString(m.pair.public))
}

func asymmetric(text string) bool {
	return strings.HasPrefix(text, privatePrefix) || strings.HasPrefix(text, publicPrefix)
}

// IsPublic reports a public Ed25519 key, "whpk_…": it verifies, cannot sign, and everybody may know it.
func (s Secret) IsPublic() bool {
	m := s.material()
	return m != nil && m.pair != nil && m.pair.private == nil
}

// readPair returns nil without an error for the text of a secret of another kind.
func readPair(text string) (*pair, error) {
	if rest, ok := strings.CutPrefix(text, privatePrefix); ok {
		return readPrivate(rest)
	}
	rest, ok := strings.CutPrefix(text, publicPrefix)
	if !ok {
		return nil, nil
	}
	public, ok := keyBytes(rest)
	switch {
	case !ok || len(public) != ed25519.PublicKeySize:
		return nil, errPublic
	case smallOrder(public):
		return nil, errWeak
	}
	return &pair{public: public}, nil
}

// readPrivate derives the public half. One that was merely read would let who can change it learn the private one.
func readPrivate(text string) (*pair, error) {
	key, ok := keyBytes(text)
	if !ok || len(key) != ed25519.SeedSize && len(key) != ed25519.PrivateKeySize {
		return nil, errPair
	}
	private := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
	if len(key) == ed25519.PrivateKeySize && subtle.ConstantTimeCompare(private, key) == 0 {
		return nil, errHalves
	}
	return &pair{private, private.Public().(ed25519.PublicKey)}, nil
}

// smallOrder tells the public keys under which signatures need no private one, all zeros among them, as a placeholder
// may be. These are the y of the points of order 1, 2, 4 and 8, and those of them that are spelled with p added.
func smallOrder(public []byte) bool {
	const last = ed25519.PublicKeySize - 1
	var y [ed25519.PublicKeySize]byte
	copy(y[:], public)
	y[last] &= 0x7f // the sign of x
	switch string(y[:]) {
	case order8, order8Negative:
		return true
	}
	low := bytes.Count(y[1:], []byte{0}) == last && y[0] <= 1
	high := bytes.Count(y[1:last], []byte{0xff}) == last-1 && y[last] == 0x7f && y[0] >= 0xec && y[0] <= 0xee
	return low || high
}

const (
	order8 = "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0" +
		"\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05"
	order8Negative = "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f" +
		"\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a"
)

// messages are signed texts in one piece: Ed25519 reads one twice.
var messages sync.Pool // of *[]byte

const maxPooled = 256 << 10

// message returns the payload of s. It goes back by release.
func (s *Scheme) message(id, t string, body []byte) *[]byte {
	m, _ := messages.Get().(*[]byte)
	if m == nil {
		m = new([]byte)
	}
	*m = append(s.appendHead((*m)[:0], id, t), body...)
	return m
}

func release(m *[]byte) {
	if m != nil && cap(*m) <= maxPooled {
		messages.Put(m)
	}
}
