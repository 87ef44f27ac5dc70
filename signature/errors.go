package signature

import (
	"errors"
	"fmt"
)

// What a verifier answers. Every error of a verifier is or wraps exactly one of these.
var (
	// ErrMissing: a header the scheme needs is absent or empty.
	ErrMissing = errors.New("signature: the request carries no signature")
	// ErrMalformed: the header cannot be read; the wrapping error names the rule that was broken.
	ErrMalformed = errors.New("signature: malformed header")
	// ErrMismatch: the header could be read and no signature in it fits the body and any of the secrets.
	ErrMismatch = errors.New("signature: no match: another secret, or not the body as it was sent")
	// ErrTooOld: the signature is genuine and older than the tolerance: a replay, a slow way, or a clock that is off.
	ErrTooOld = errors.New("signature: genuine but too old: replayed, or a clock is off")
	// ErrTooNew: the signature is genuine and more than the tolerance ahead of now: one of the two clocks is off.
	ErrTooNew = errors.New("signature: genuine but from the future: a clock is off")
	// ErrNoSecret: there was no secret to verify with. Nothing is ever accepted in that case.
	ErrNoSecret = errors.New("signature: no usable secret configured")
)

var (
	errTooLong     = fmt.Errorf("%w: longer than 4096 bytes", ErrMalformed)
	errTooMany     = fmt.Errorf("%w: more than 16 entries", ErrMalformed)
	errTimestamp   = fmt.Errorf("%w: the timestamp is not decimal seconds without sign or leading zero", ErrMalformed)
	errNoSignature = fmt.Errorf("%w: no signature of the version asked for", ErrMalformed)
	errForm        = fmt.Errorf("%w: not one signature and nothing else", ErrMalformed)
	errNoTime      = fmt.Errorf("%w: no t", ErrMalformed)
	errTwoTimes    = fmt.Errorf("%w: t stands twice", ErrMalformed)
)
