package receiver

import (
	"net/http"
	"time"
)

// verdict is an error that brings its own answer.
type verdict struct {
	answer
	err error
}

func (v *verdict) Error() string { return v.err.Error() }
func (v *verdict) Unwrap() error { return v.err }

// Permanent marks err as one that a retry cannot help: the answer is 422, which ends the delivery at most senders.
// The event is released all the same, so that a manual replay runs it again. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &verdict{answer: answer{status: http.StatusUnprocessableEntity}, err: err}
}

// RetryAfter asks the sender to try again no sooner than d from now. The answer is 503 with a Retry-After header, in
// whole seconds, rounded up, at least 1. RetryAfter(nil, d) is nil.
func RetryAfter(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &verdict{answer: answer{status: http.StatusServiceUnavailable, retryAfter: seconds(d)}, err: err}
}
