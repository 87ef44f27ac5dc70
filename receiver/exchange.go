package receiver

import (
	"context"
	"net/http"
	"time"
)

type exchangeKey struct{}

// exchange lets the request travel with its event to an endpoint below HTTP, past handlers that know events only.
type exchange struct {
	event   *Event
	request *http.Request
}

func withExchange(ctx context.Context, ev *Event, r *http.Request) context.Context {
	return context.WithValue(ctx, exchangeKey{}, &exchange{event: ev, request: r})
}

// handling returns the context in which one event is handled: the values of the request's, and an end of its own. Call
// end when the handler has returned: whatever it left running shall see that.
func handling(r *http.Request, ev *Event, deadline time.Time) (ctx context.Context, end context.CancelFunc) {
	return context.WithDeadline(withExchange(context.WithoutCancel(r.Context()), ev, r), deadline)
}
