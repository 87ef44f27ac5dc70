package sqlinbox_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// tale is one event on its way from a Sender to a handler, in a bubble where hours pass in no time.
type tale struct {
	t        *testing.T
	ctx      context.Context
	stop     func()
	statuses []int // of the attempts; 0 where none came
	finished chan sender.Delivery
}

// tell publishes one event to events and waits until its delivery has ended.
func tell(t *testing.T, events receiver.EventHandler) *tale {
	ctx, cancel := context.WithCancel(t.Context())
	s := &tale{t: t, ctx: ctx, finished: make(chan sender.Delivery, 1)}
	secret := signature.GenerateSecret()
	handler, err := receiver.Handler(events, receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))}, Logger: quiet,
	})
	require.NoError(t, err)
	transport := receivertest.Transport(handler)
	out, err := sender.New(memstore.New(), sender.Config{
		Transport: transport, Logger: quiet,
		Hooks: sender.Hooks{
			AttemptDone: func(_ context.Context, _ sender.Delivery, a sender.Attempt) {
				s.statuses = append(s.statuses, a.StatusCode)
			},
			Finished: func(_ context.Context, d sender.Delivery) { s.finished <- d },
		},
	})
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- out.Run(ctx) }()
	s.stop = func() {
		cancel()
		require.NoError(t, <-ended)
		(&http.Client{Transport: transport}).CloseIdleConnections()
	}
	org := out.Org("acme")
	sub := sender.Subscription{URL: "https://receiver.test/webhooks", Events: []string{"*"}}
	_, _, err = org.Subscribe(ctx, sub, secret)
	require.NoError(t, err)
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	require.NoError(t, err)
	_, err = org.Publish(ctx, ev)
	require.NoError(t, err)
	return s
}

// stubborn is a handler whose first run heeds no deadline: it outlives the sender's time-out and most of the wait after
// it, so that the second attempt finds it at work, and then ends in its own way.
func stubborn(first, later receiver.HandlerFunc) (receiver.HandlerFunc, *atomic.Int32) {
	runs := new(atomic.Int32)
	return func(ctx context.Context, ev *receiver.Event) error {
		if runs.Add(1) > 1 {
			return later(ctx, ev)
		}
		time.Sleep(25 * time.Second)
		return first(ctx, ev)
	}, runs
}

func fail(context.Context, *receiver.Event) error    { return errors.New("no") }
func succeed(context.Context, *receiver.Event) error { return nil }

// Attempt 1 outlives its time-out, attempt 2 arrives meanwhile and is told to come again, attempt 1 fails, attempt 3
// runs.
func TestInFlightDuplicateOverGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handle, runs := stubborn(fail, succeed)
		s := tell(t, handle)
		d := <-s.finished
		s.stop()
		require.Equal(t, sender.StateDelivered, d.State)
		require.Equal(t, []int{0, http.StatusServiceUnavailable, http.StatusOK}, s.statuses)
		require.EqualValues(t, 2, runs.Load())
	})
}

// The same over an inbox whose database hangs: first it has stored the event and could not say so, then it has not.
func TestInFlightDuplicateOverAnInbox(t *testing.T) {
	for name, stores := range map[string]bool{"stored": true, "not stored": false} {
		t.Run(name, func(t *testing.T) {
			source := bubbleSource(t)
			synctest.Test(t, func(t *testing.T) {
				var handled atomic.Int32
				in := runInbox(t, source, func(context.Context, *receiver.Event) error { handled.Add(1); return nil })
				first := fail
				if stores {
					first = func(ctx context.Context, ev *receiver.Event) error {
						require.NoError(t, in.HandleEvent(context.WithoutCancel(ctx), ev))
						return fail(ctx, ev)
					}
				}
				handle, acks := stubborn(first, in.HandleEvent)
				s := tell(t, handle)
				d := <-s.finished
				in.until(sqlinbox.Counts{Done: 1})
				s.stop()
				in.stop()
				require.Equal(t, sender.StateDelivered, d.State)
				require.Equal(t, []int{0, http.StatusServiceUnavailable, http.StatusOK}, s.statuses)
				require.EqualValues(t, 2, acks.Load())
				require.EqualValues(t, 1, handled.Load(), "handled once, whichever attempt stored it")
			})
		})
	}
}

// The same by a sender that is not ours: a plain client that gives up after 10 s and tries again 10 s later.
func TestInFlightDuplicateOfAnotherSender(t *testing.T) {
	t.Run("guard", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			handle, runs := stubborn(fail, succeed)
			require.Equal(t, []int{0, http.StatusServiceUnavailable, http.StatusOK}, postUntilHandled(t, handle))
			require.EqualValues(t, 2, runs.Load())
		})
	})
	t.Run("inbox", func(t *testing.T) {
		source := bubbleSource(t)
		synctest.Test(t, func(t *testing.T) {
			var handled atomic.Int32
			in := runInbox(t, source, func(context.Context, *receiver.Event) error { handled.Add(1); return nil })
			handle, acks := stubborn(fail, in.HandleEvent)
			require.Equal(t, []int{0, http.StatusServiceUnavailable, http.StatusOK}, postUntilHandled(t, handle))
			in.until(sqlinbox.Counts{Done: 1})
			in.stop()
			require.EqualValues(t, 2, acks.Load())
			require.EqualValues(t, 1, handled.Load())
		})
	})
}

func postUntilHandled(t *testing.T, events receiver.EventHandler) (statuses []int) {
	secret := signature.GenerateSecret()
	handler, err := receiver.Handler(events, receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))}, Logger: quiet,
	})
	require.NoError(t, err)
	client := &http.Client{Transport: receivertest.Transport(handler), Timeout: 10 * time.Second}
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	require.NoError(t, err)
	for len(statuses) == 0 || statuses[len(statuses)-1] != http.StatusOK {
		status := 0
		if response, err := client.Do(receivertest.Kirim(t, secret, ev)); err == nil {
			status = response.StatusCode
			response.Body.Close()
		}
		statuses = append(statuses, status)
		time.Sleep(10 * time.Second)
	}
	client.CloseIdleConnections()
	return statuses
}

// Why there is an inbox: over a Guard a handler that needs 25 s and heeds its context never comes to its end, however
// often the sender comes again.
func TestSlowHandlerNeverEndsOverGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		s := tell(t, receiver.HandlerFunc(func(ctx context.Context, _ *receiver.Event) error {
			runs.Add(1)
			select {
			case <-time.After(25 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
		require.Equal(t, sender.StateDead, (<-s.finished).State)
		s.stop()
		require.Equal(t, slices.Repeat([]int{http.StatusServiceUnavailable}, 9), s.statuses)
		require.EqualValues(t, 9, runs.Load())
	})
}

// A handler that takes longer than the sender's patience, and longer than a lease, causes no second attempt.
func TestSlowHandlerIsNotRepeated(t *testing.T) {
	source := bubbleSource(t)
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		in := runInbox(t, source, func(ctx context.Context, _ *receiver.Event) error {
			runs.Add(1)
			select {
			case <-time.After(3 * time.Hour):
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		s := tell(t, in)
		require.Equal(t, sender.StateDelivered, (<-s.finished).State)
		began := time.Now()
		in.until(sqlinbox.Counts{Done: 1})
		require.GreaterOrEqual(t, time.Since(began), 3*time.Hour)
		s.stop()
		in.stop()
		require.Equal(t, []int{http.StatusOK}, s.statuses)
		require.EqualValues(t, 1, runs.Load())
	})
}

// bubbleSource waits for no lock by itself, since the clock of SQLite's own waiting is not the bubble's.
func bubbleSource(t *testing.T) source {
	s := sqliteSource(t)
	s.dsn += "&_pragma=busy_timeout(0)"
	return s
}

// runningInbox is an inbox within a bubble.
type runningInbox struct {
	*sqlinbox.Inbox
	t    *testing.T
	stop func()
}

func runInbox(t *testing.T, s source, handle receiver.HandlerFunc) runningInbox {
	db := s.open(t)
	b, err := sqlinbox.New(db, s.flavor, handle, sqlinbox.Config{Logger: quiet, PollInterval: time.Minute})
	require.NoError(t, err)
	require.NoError(t, b.Migrate(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	return runningInbox{b, t, func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, db.Close())
	}}
}

// until waits for what must come.
func (in runningInbox) until(want sqlinbox.Counts) {
	for {
		got, err := in.Counts(in.t.Context())
		require.NoError(in.t, err)
		if got == want {
			return
		}
		time.Sleep(time.Minute)
	}
}
