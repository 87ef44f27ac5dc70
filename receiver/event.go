package receiver

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// Event is one verified event as a handler gets it. It belongs to the handler: nothing in it, Body included, is
// reused afterwards.
type Event struct {
	envelope.Event

	// Key is what makes two requests the same event: the dialect's name, a colon and what the dialect took from the
	// signed bytes. It is empty where the dialect does not deduplicate (see [Dialect.Key]).
	Key string
	// Dialect is the [Dialect.Name] that verified the request.
	Dialect string
	// DeliveryID is the sender's id of the delivery, empty if it states none. Headers are not signed: use it for
	// logs, never for a decision.
	DeliveryID string
	// Attempt is the sender's number of the attempt, from 1; 0 if it states none. Not signed either.
	Attempt int
	// Secret is the index of the secret that matched in the dialect's keyring, -1 where nothing is verified.
	Secret int
	// ReceivedAt is when the request arrived.
	ReceivedAt time.Time
}

// EventHandler handles one verified event. nil commits the event: it will not be run again. An error releases it and
// decides the answer, see [Permanent], [RetryAfter] and the table in the package comment.
//
// ctx carries the values of the request's context but does not end when the sender hangs up. It ends at the dialect's
// deadline, or when another process has taken over the event because this one lost its claim. HandleEvent runs on the
// goroutine of the request and is called concurrently.
type EventHandler interface {
	HandleEvent(ctx context.Context, ev *Event) error
}

// HandlerFunc is a function as an [EventHandler].
type HandlerFunc func(ctx context.Context, ev *Event) error

// HandleEvent calls f.
func (f HandlerFunc) HandleEvent(ctx context.Context, ev *Event) error { return f(ctx, ev) }

// FromContext returns the event that is being handled. It works in every handler below [Handler] and in the endpoint
// below [HTTP].
func FromContext(ctx context.Context) (*Event, bool) {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, false
	}
	return x.event, true
}
