package sqlinbox_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// probe asks one of the handlers as a supervisor would.
func probe(h http.Handler) (status int, body string) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
	return rec.Code, rec.Body.String()
}

func TestHealth(t *testing.T) {
	for name, open := range sources {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			db := s.open(t)
			begun, release := make(chan struct{}), make(chan struct{})
			handle := receiver.HandlerFunc(func(context.Context, *receiver.Event) error {
				close(begun)
				<-release
				return nil
			})
			b, err := sqlinbox.New(db, s.flavor, handle, sqlinbox.Config{
				MayLoseCommits: true, Logger: slog.New(slog.DiscardHandler),
			})
			require.NoError(t, err)
			c, err := b.Health(t.Context())
			require.ErrorIs(t, err, sqlinbox.ErrNotMigrated)
			require.Equal(t, sqlinbox.Condition{Latency: c.Latency}, c)
			status, body := probe(b.Ready())
			require.Equal(t, 503, status)
			require.Contains(t, body, `{"run":"not started","store":"failed"`)
			require.NoError(t, b.Migrate(t.Context()))

			check := func(running, stopping, due bool, live, ready int) {
				t.Helper()
				c, err := b.Health(t.Context())
				require.NoError(t, err)
				require.Equal(t, []bool{running, stopping, due}, []bool{c.Running, c.Stopping, c.OldestDue > 0})
				require.Less(t, c.OldestDue, time.Minute)
				status, _ := probe(b.Live())
				require.Equal(t, live, status)
				status, body := probe(b.Ready())
				require.Equal(t, ready, status)
				require.Contains(t, body, `"store":"ok"`)
			}
			check(false, false, false, 200, 200)
			ev := &receiver.Event{Event: envelope.Event{ID: "1", Type: "test", Body: []byte(`{}`)}, Key: "1", Dialect: "test"}
			require.NoError(t, b.HandleEvent(t.Context(), ev))
			check(false, false, true, 200, 200)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- b.Run(ctx) }()
			<-begun
			check(true, false, false, 200, 200)
			cancel()
			check(true, true, false, 200, 503)
			close(release)
			require.NoError(t, <-ended)
			check(false, true, false, 503, 503)
		})
	}
}
