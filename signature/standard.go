package signature

import (
	"encoding/base64"
	"fmt"
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

// standard is the scheme of
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
var standard = Scheme{
	Header:     HeaderStandardSignature,
	TimeHeader: HeaderStandardTimestamp,
	IDHeader:   HeaderStandardID,
	Payload:    "{id}.{t}.{body}",
	Prefix:     "v1,",
	Separator:  " ",
	Base64:     true,
	Base64Key:  true,

	Ed25519Prefix: "v1a,",
}

const minStandard = 24 // bytes of a key

var (
	errStandardKey = fmt.Errorf("%w: for Standard Webhooks the text after whsec_ must be the key in base64", ErrNoSecret)
	errShortKey    = fmt.Errorf("%w: the key after whsec_ has fewer than 24 bytes, the specification asks for 24 to 64",
		ErrNoSecret)
)

// CheckStandard reports whether secret can be used with [SignStandard] and [VerifyStandard]: nil, or an error that
// wraps [ErrNoSecret] and gives the reason. Call it where a secret is configured.
//
// The key is what the text after "whsec_" decodes to as base64 of the standard alphabet, with or without padding. The
// prefix may be absent, or have "v1," before it. The specification asks for keys of 24 to 64 bytes: shorter ones are
// refused, longer ones are as good. [GenerateSecret] makes 33.
//
// One that begins with "whsk_" is an Ed25519 private key: 32 bytes of seed, or 64 of seed and public key, in the same
// base64. "whpk_" begins a public key of 32 bytes, which verifies and does not sign. [GenerateEd25519] makes a private
// one, [Secret.Public] shows its public one.
func CheckStandard(secret Secret) error {
	if m := secret.material(); m != nil {
		return m.unusable
	}
	return ErrNoSecret
}

// standardKey says nothing of where the text breaks the rule: that would be a byte of it.
func standardKey(text string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(text, "v1,"); ok && strings.HasPrefix(rest, secretPrefix) {
		text = rest
	}
	text = strings.TrimPrefix(text, secretPrefix)
	key, ok := keyBytes(text)
	switch {
	case !ok || len(key) == 0:
		return nil, errStandardKey
	case len(key) < minStandard:
		return nil, errShortKey
	}
	return key, nil
}

// keyBytes decodes base64 with or without padding.
func keyBytes(text string) ([]byte, bool) {
	encoding := base64.RawStdEncoding
	if len(text)%4 == 0 {
		encoding = base64.StdEncoding
	}
	key, err := encoding.DecodeString(text)
	return key, err == nil && !strings.ContainsAny(text, "\r\n")
}

// SignStandard appends the value of Webhook-Signature to dst and returns the extended slice: one signature per secret
// with a space between them. It is "v1,<base64>" under one that is shared, "v1a,<base64>" under a private key. The
// request carries id as Webhook-Id and the seconds of now as Webhook-Timestamp.
// See https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
//
// It signs wholly or not at all: otherwise dst comes back as it was. There must be 1 to 16 secrets that pass
// [CheckStandard], none of them public. now lies within the years 1970 to 5138. id is 1 to 255 printable ASCII bytes
// without space and dot. The specification forbids dots: they make two requests of one signed text.
func SignStandard(dst []byte, id string, body []byte, now time.Time, secrets ...Secret) []byte {
	dst, _ = standard.sign(dst, id, body, now, secrets)
	return dst
}

// VerifyStandard checks the values of Webhook-Id, Webhook-Timestamp and Webhook-Signature against body, the exact bytes
// received, and reports the index of the secret that matched. See
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
//
// One signature that fits one secret is enough: a v1 for a shared secret, a v1a for a public or private key. Signatures
// of versions that no secret has and those that are not base64 of 32 bytes (64 for v1a) are passed over. So are secrets
// that fail [CheckStandard]; with none left the error wraps [ErrNoSecret]. The header has at least one signature of a
// version that a secret has, at most 16 of all and at most 4096 bytes. Of v1a, 16 pairs of signature and key are tried.
// The id follows [SignStandard]'s rule. The age is looked at last, as in [VerifyKirim].
//
// Errors: [ErrMissing] (any of the three absent), [ErrMalformed], [ErrMismatch], [ErrTooOld], [ErrTooNew],
// [ErrNoSecret]. On an error the index is -1.
func VerifyStandard(
	id, timestamp, header string, body []byte, now time.Time, tolerance time.Duration, secrets ...Secret,
) (matched int, err error) {
	return standard.verify(header, id, timestamp, body, now, tolerance, secrets)
}
