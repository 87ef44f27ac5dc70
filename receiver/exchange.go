package receiver

import (
	"context"
	"net/http"
	"sync"
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

// term is the context in which one event is handled: the values of the request's and the exchange, and an end of its
// own, at the deadline or when the handler has returned. Its timer is made when somebody waits for the end; few
// handlers do, and the others pay for none.
type term struct {
	context.Context // the request's, without its end
	exchange
	deadline time.Time

	mu     sync.Mutex
	ended  bool
	timed  context.Context // nil until somebody waits
	cancel context.CancelFunc
}

func newTerm(r *http.Request, ev *Event, deadline time.Time) *term {
	return &term{Context: context.WithoutCancel(r.Context()), exchange: exchange{ev, r}, deadline: deadline}
}

// Deadline implements [context.Context].
func (t *term) Deadline() (time.Time, bool) { return t.deadline, true }

// Done implements [context.Context].
func (t *term) Done() <-chan struct{} { return t.wait().Done() }

// Err implements [context.Context].
func (t *term) Err() error {
	t.mu.Lock()
	idle := t.timed == nil && !t.ended && time.Now().Before(t.deadline)
	t.mu.Unlock()
	if idle {
		return nil
	}
	return t.wait().Err()
}

// Value implements [context.Context]. What package context keeps for itself is found in timed, so that contexts made of
// this one end with it at no cost.
func (t *term) Value(key any) any {
	if _, ours := key.(exchangeKey); ours {
		return &t.exchange
	}
	t.mu.Lock()
	timed := t.timed
	t.mu.Unlock()
	if timed != nil {
		return timed.Value(key)
	}
	return t.Context.Value(key)
}

func (t *term) wait() context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timed == nil {
		t.timed, t.cancel = context.WithDeadline(t.Context, t.deadline)
		if t.ended {
			t.cancel()
		}
	}
	return t.timed
}

// end is for when the handler has returned: whatever it left running shall see that.
func (t *term) end() {
	t.mu.Lock()
	t.ended = true
	cancel := t.cancel
	t.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}
