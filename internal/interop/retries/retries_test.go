package retries_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/signature"
)

var quiet = slog.New(slog.DiscardHandler)

// deliver posts one event until it is taken and returns what each attempt got; 0 is no answer within 10 s.
func deliver(t *testing.T, events receiver.EventHandler) (statuses []int) {
	t.Helper()
	secret := signature.GenerateSecret()
	handler, err := receiver.Handler(events, receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))}, Logger: quiet,
	})
	require.NoError(t, err)
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	require.NoError(t, err)
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: receivertest.Transport(handler), Timeout: 10 * time.Second}
	client.Logger, client.RetryMax = nil, 8
	client.CheckRetry = func(ctx context.Context, r *http.Response, err error) (bool, error) {
		status := 0
		if err == nil {
			status = r.StatusCode
		}
		statuses = append(statuses, status)
		return retryablehttp.DefaultRetryPolicy(ctx, r, err)
	}
	request, err := retryablehttp.FromRequest(receivertest.Kirim(t, secret, ev))
	require.NoError(t, err)
	response, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	client.HTTPClient.CloseIdleConnections()
	return statuses
}

// outlives fails its first run long after the client has given up on it; then events go to next.
func outlives(runs *atomic.Int32, next receiver.HandlerFunc) receiver.HandlerFunc {
	return func(ctx context.Context, ev *receiver.Event) error {
		if runs.Add(1) > 1 {
			return next(ctx, ev)
		}
		time.Sleep(25 * time.Second)
		return errors.New("no")
	}
}

// The first attempt outlives the client's patience, later ones find it at work and are told to come again, then it
// fails: the event is not lost, and handled once.
func TestInFlightDuplicateOverGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		statuses := deliver(t, outlives(&runs, func(context.Context, *receiver.Event) error { return nil }))
		requireTold(t, statuses)
		require.EqualValues(t, 2, runs.Load())
	})
}

func TestInFlightDuplicateOverAnInbox(t *testing.T) {
	file := filepath.Join(t.TempDir(), "inbox.db")
	synctest.Test(t, func(t *testing.T) {
		db, err := sql.Open("sqlite", "file:"+file+
			"?_pragma=busy_timeout(0)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
		require.NoError(t, err)
		var handled atomic.Int32
		done := make(chan struct{})
		inbox, err := sqlinbox.New(db, sqlinbox.SQLite, receiver.HandlerFunc(
			func(context.Context, *receiver.Event) error { handled.Add(1); return nil },
		), sqlinbox.Config{Logger: quiet, Hooks: sqlinbox.Hooks{
			Ran: func(context.Context, *receiver.Event, sqlinbox.Outcome) { close(done) },
		}})
		require.NoError(t, err)
		require.NoError(t, inbox.Migrate(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- inbox.Run(ctx) }()
		var acks atomic.Int32
		requireTold(t, deliver(t, outlives(&acks, inbox.HandleEvent)))
		<-done
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, db.Close())
		require.EqualValues(t, 2, acks.Load())
		require.EqualValues(t, 1, handled.Load())
	})
}

// requireTold demands: no answer, at least one 503 while the first attempt is at work, and in the end 200.
func requireTold(t *testing.T, statuses []int) {
	t.Helper()
	require.GreaterOrEqual(t, len(statuses), 3)
	last := len(statuses) - 1
	require.Zero(t, statuses[0])
	for _, status := range statuses[1:last] {
		require.Equal(t, http.StatusServiceUnavailable, status)
	}
	require.Equal(t, http.StatusOK, statuses[last])
}
