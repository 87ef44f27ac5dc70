package receiver

import (
	"errors"
	"fmt"
	"strconv"
)

// Reasons of a [Rejection] that are this package's own. What a signature or a body lacks is told by the errors of
// packages signature and envelope.
var (
	// ErrNoDialect: the request has no mark of a configured dialect.
	ErrNoDialect = errors.New("no mark of a configured dialect")
	// ErrContradiction: the request says two different things, such as marks of two dialects or a header that
	// does not agree with the signed body.
	ErrContradiction = errors.New("contradiction")
)

// Rejection is why a request did not become an event. The sender is told the status and nothing else.
type Rejection struct {
	Status int   // the answer to the sender
	Err    error // the reason, such as one that wraps [signature.ErrMismatch] or [ErrContradiction]
}

// Error implements error.
func (e *Rejection) Error() string {
	return "receiver: " + strconv.Itoa(e.Status) + ": " + bare(e.Err).Error()
}

// Unwrap returns the reason.
func (e *Rejection) Unwrap() error { return e.Err }

func reject(status int, format string, args ...any) *Rejection {
	return &Rejection{Status: status, Err: fmt.Errorf(format, args...)}
}
