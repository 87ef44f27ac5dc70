package sender_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// dark is a store that answers health as it is told.
type dark struct {
	sender.Store
	oldest func(ctx context.Context) (time.Duration, error)
}

func (d dark) OldestDue(ctx context.Context) (time.Duration, error) { return d.oldest(ctx) }

// probe asks one of the handlers as a supervisor would.
func probe(h http.Handler) (status int, body string) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
	return rec.Code, rec.Body.String()
}

func TestHealthThroughTheLifeOfRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, err := sender.New(memstore.New(), sender.Config{Transport: &farEnd{answer: func(int, *http.Request) (
			*http.Response, error,
		) {
			time.Sleep(5 * time.Second)
			return reply(200), nil
		}}})
		require.NoError(t, err)
		r := &rig{Sender: s, org: s.Org("acme")}
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(3 * time.Second)
		check := func(want sender.Condition, live, ready int, run string) {
			t.Helper()
			got, err := s.Health(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, got)
			status, body := probe(s.Live())
			require.Equal(t, live, status)
			require.JSONEq(t, `{"run":"`+run+`"}`, body)
			status, body = probe(s.Ready())
			require.Equal(t, ready, status)
			require.Contains(t, body, `"run":"`+run+`","store":"ok"`)
		}
		check(sender.Condition{OldestDue: 3 * time.Second}, 200, 200, "not started")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		time.Sleep(time.Second)
		check(sender.Condition{Running: true}, 200, 200, "running")
		cancel()
		check(sender.Condition{Running: true, Stopping: true}, 200, 503, "stopping")
		require.NoError(t, <-ended)
		check(sender.Condition{Stopping: true}, 503, 503, "stopped")

		ctx, cancel = context.WithCancel(t.Context())
		go func() { ended <- s.Run(ctx) }()
		synctest.Wait()
		check(sender.Condition{Running: true}, 200, 200, "running")
		cancel()
		require.NoError(t, <-ended)
	})
}

func TestHealthOfAStoreThatFails(t *testing.T) {
	broken := errors.New("dial postgres://user:hunter2@db: refused")
	for name, oldest := range map[string]func(context.Context) (time.Duration, error){
		"fails": func(context.Context) (time.Duration, error) { return 0, broken },
		"hangs": func(ctx context.Context) (time.Duration, error) { <-ctx.Done(); return 0, ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRigOn(t, dark{memstore.New(), oldest}, statuses(200), sender.Config{StoreTimeout: 2 * time.Second})
				synctest.Wait()
				c, err := r.Health(t.Context())
				require.ErrorContains(t, err, "sender: health: ")
				require.True(t, c.Running)
				require.LessOrEqual(t, c.Latency, 2*time.Second)
				for range 100 {
					status, body := probe(r.Ready())
					require.Equal(t, 503, status)
					require.Contains(t, body, `"store":"failed"`)
					require.NotContains(t, body, "postgres")
				}
				status, _ := probe(r.Live())
				require.Equal(t, 200, status, "another process would find the store no better")
				require.Contains(t, r.logs.String(), `msg="store failed" op=health`)
			})
		})
	}
}

// plainStore hides what a store can do beyond what it must.
type plainStore struct{ driver.Store }

func TestHealthOfAStoreThatCannotTell(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRigOn(t, plainStore{memstore.New()}, statuses(200), sender.Config{})
		c, err := r.Health(t.Context())
		require.NoError(t, err)
		require.Zero(t, c.OldestDue)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = r.Health(ctx)
		require.ErrorIs(t, err, context.Canceled)
	})
}
