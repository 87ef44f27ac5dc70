package signature

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Scheme is a way to sign with HMAC-SHA256 or Ed25519, told by data. It is for dialects of your own, at both ends:
//
//	var acme = signature.Scheme{
//		Header:    "Acme-Signature", // t=1782950400,v1=<hex>
//		Payload:   "{t}.{body}",
//		Prefix:    "v1=",
//		Separator: ",",
//	}
//
// Set the fields before the first use and leave them. A Scheme that is wrong signs and verifies nothing. Safe for
// concurrent use.
type Scheme struct {
	// Header carries the signatures, one per secret. Required.
	Header string
	// TimeHeader carries the time, in Unix seconds. Defaults to Header, where it stands as an entry "t=<seconds>".
	TimeHeader string
	// IDHeader carries the id. Required if Payload has {id}.
	IDHeader string

	// Payload is what is signed: "{t}.{body}", "{id}.{t}.{body}", "v0:{t}:{body}" or "{body}". It ends with {body}, and
	// something stands between any two parts. Without {t} a request verifies for ever. Required.
	Payload string
	// Prefix stands before each signature: "v1=", "sha256=". Entries that begin otherwise are passed over. Defaults to
	// none.
	Prefix string
	// Separator stands between the entries of Header: "," or " ". Defaults to none: Header is one signature, nothing else.
	Separator string
	// Base64 writes signatures in base64, with padding. Defaults to hex, in lower case; either case verifies.
	Base64 bool
	// Base64Key takes for the key what [CheckStandard] says. Defaults to the whole text of the secret.
	Base64Key bool
	// Ed25519Prefix stands before each Ed25519 signature: "v1a,". Secrets that begin with "whsk_" sign so, and they and
	// those that begin with "whpk_" verify, see [CheckStandard]. It needs a Separator, and another Prefix. Defaults to
	// none: such secrets are taken like any other, public ones are refused.
	Ed25519Prefix string
	// Tolerance is how far the time may lie from now, in either direction. A negative one switches that check off.
	// Defaults to [DefaultTolerance].
	Tolerance time.Duration
}

var (
	errScheme = errors.New(
		"signature: the Scheme is wrong: see its Payload, TimeHeader, IDHeader, Separator and Ed25519Prefix")
	errID = fmt.Errorf("%w: the id is not 1 to 255 printable ASCII bytes without what ends it, or has a space",
		ErrMalformed)
	errTwice = fmt.Errorf("%w: a header stands twice", ErrMalformed)
)

// Sign sets the headers of one request. id is not looked at where Payload has no {id}. It signs with every secret or
// not at all.
//
// An error wraps [ErrNoSecret] (there is none, or one that is not usable) or [ErrMalformed] (id or now cannot be
// signed). Otherwise it says that there are more secrets than Header takes, or that the Scheme is wrong.
func (s *Scheme) Sign(h http.Header, id string, body []byte, now time.Time, secrets ...Secret) error {
	signed, err := s.sign(nil, id, body, now, secrets)
	if err != nil {
		return err
	}
	h.Set(s.Header, string(signed))
	if s.TimeHeader != "" {
		h.Set(s.TimeHeader, strconv.FormatInt(now.Unix(), 10))
	}
	if s.IDHeader != "" {
		h.Set(s.IDHeader, id)
	}
	return nil
}

// sign appends the value of Header to dst; with an error dst comes back as it was.
func (s *Scheme) sign(dst []byte, id string, body []byte, now time.Time, secrets []Secret) ([]byte, error) {
	l, sound := s.layout()
	unix := now.Unix()
	switch {
	case !sound:
		return dst, errScheme
	case l.time && (unix < 0 || unix > maxUnix):
		return dst, errTimestamp
	case l.id && !l.takesID(id):
		return dst, errID
	case len(secrets) == 0:
		return dst, ErrNoSecret
	case len(secrets) > s.most(l):
		return dst, fmt.Errorf("signature: %d secrets, at most %d", len(secrets), s.most(l))
	}
	var digits [20]byte
	t := string(strconv.AppendInt(digits[:0], unix, 10))
	out := dst
	if l.inside {
		out = append(append(out, "t="...), t...)
	}
	for _, secret := range secrets {
		if len(out) > len(dst) {
			out = append(out, s.Separator...)
		}
		var err error
		if out, err = s.appendSigned(out, secret, id, t, body); err != nil {
			return dst, err
		}
	}
	return out, nil
}

// appendSigned appends one signature to dst, and its prefix.
func (s *Scheme) appendSigned(dst []byte, secret Secret, id, t string, body []byte) ([]byte, error) {
	if pair := secret.pair(s); pair != nil {
		if pair.private == nil {
			return nil, errVerifies
		}
		message := s.message(id, t, body)
		defer release(message)
		return s.appendDigits(append(dst, s.Ed25519Prefix...), ed25519.Sign(pair.private, *message)), nil
	}
	key, err := secret.key(s.Base64Key)
	if err != nil {
		return nil, err
	}
	var sum [sha256.Size]byte
	key.mac(&sum, s, id, t, body)
	return s.appendDigits(append(dst, s.Prefix...), sum[:]), nil
}

func (s *Scheme) appendDigits(dst, signed []byte) []byte {
	if s.Base64 {
		return base64.StdEncoding.AppendEncode(dst, signed)
	}
	return hex.AppendEncode(dst, signed)
}

// Verify checks the headers of a request against body, the exact bytes received, and reports the index of the secret
// that matched. One signature that fits one secret is enough. The age is looked at last: [ErrTooOld] and [ErrTooNew]
// speak of genuine requests only.
//
// Other errors: [ErrMissing], [ErrMalformed], [ErrMismatch], [ErrNoSecret]. On an error the index is -1.
func (s *Scheme) Verify(h http.Header, body []byte, now time.Time, secrets ...Secret) (matched int, err error) {
	for _, name := range [...]string{s.Header, s.TimeHeader, s.IDHeader} {
		if len(h.Values(name)) > 1 {
			return -1, errTwice
		}
	}
	return s.verify(h.Get(s.Header), h.Get(s.IDHeader), h.Get(s.TimeHeader), body, now, s.Tolerance, secrets)
}

func (s *Scheme) verify(
	header, id, t string, body []byte, now time.Time, tolerance time.Duration, secrets []Secret,
) (matched int, err error) {
	l, sound := s.layout()
	switch {
	case !sound:
		return -1, errScheme
	case header == "", l.id && id == "", l.time && !l.inside && t == "":
		return -1, ErrMissing
	case l.id && !l.takesID(id):
		return -1, errID
	}
	given := presented{wants: s.kindsOf(secrets)}
	inside, err := given.read(s, l, header)
	if err != nil {
		return -1, err
	}
	if l.inside {
		t = inside
	}
	signed, ok := parseUnix(t)
	if !ok && l.time {
		return -1, errTimestamp
	}
	if matched, err = given.match(s, secrets, id, t, body); err != nil {
		return -1, err
	}
	if l.time {
		err = checkAge(signed, now, tolerance)
	}
	if err != nil {
		return -1, err
	}
	return matched, nil
}
