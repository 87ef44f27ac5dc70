package sqltracker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
	"github.com/kirimhooks/kirimhooks/receiver/tracker/sqltracker"
)

var inboxFlavors = map[sqltracker.Flavor]sqlinbox.Flavor{
	sqltracker.SQLite: sqlinbox.SQLite, sqltracker.Postgres: sqlinbox.Postgres, sqltracker.MySQL: sqlinbox.MySQL,
}

// reported is a body of Meta's with these statuses.
func reported(statuses ...tracker.Status) *receiver.Event {
	list := make([]string, len(statuses))
	for i, s := range statuses {
		list[i] = fmt.Sprintf(`{"id":%q,"status":%q,"timestamp":"%d","recipient_id":"628"}`, s.ID, s.Step, s.At.Unix())
	}
	body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{` +
		`"messaging_product":"whatsapp","metadata":{"display_phone_number":"1555","phone_number_id":"1055"},` +
		`"statuses":[` + strings.Join(list, ",") + `]}}]}]}`
	return &receiver.Event{
		Event:      envelope.Event{Source: envelope.Meta, Type: "message.status", Body: []byte(body)},
		ReceivedAt: start.Add(time.Hour),
	}
}

// inbox is one in the database of a world, whose handler records in its transaction before next runs.
type inbox struct {
	*sqlinbox.Inbox
	outcomes chan sqlinbox.Outcome
}

func (w *world) inbox(workers int, next receiver.HandlerFunc) inbox {
	w.Helper()
	in := inbox{outcomes: make(chan sqlinbox.Outcome, 1000)}
	b, err := sqlinbox.New(w.db, inboxFlavors[w.flavor], tracker.Handler(w.InTxOf(sqlinbox.Tx), next), sqlinbox.Config{
		Workers: workers, Waits: []time.Duration{time.Hour}, Logger: slog.New(slog.DiscardHandler),
		Hooks: sqlinbox.Hooks{Ran: func(_ context.Context, _ *receiver.Event, o sqlinbox.Outcome) { in.outcomes <- o }},
	})
	require.NoError(w, err)
	require.NoError(w, b.Migrate(context.Background()))
	in.Inbox = b
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	w.Cleanup(func() {
		cancel()
		require.NoError(w, <-ended)
	})
	return in
}

// A status is recorded if its event is marked as handled, and not if it is not.
func TestStatusAndMarkAreOne(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		runs := 0
		in := w.inbox(1, func(ctx context.Context, _ *receiver.Event) error {
			rows, err := w.In(sqlinbox.Tx(ctx)).Get(ctx, "wamid.1")
			if runs++; err != nil || len(rows) != 1 {
				return fmt.Errorf("%d rows: %w", len(rows), err)
			}
			if runs == 1 {
				return errors.New("not yet")
			}
			return nil
		})
		require.NoError(t, in.HandleEvent(t.Context(), reported(status("wamid.1", tracker.Sent, 1))))

		failed := <-in.outcomes
		require.ErrorContains(t, failed.Err, "not yet")
		rows, err := w.Get(t.Context(), "wamid.1")
		require.NoError(t, err)
		require.Empty(t, rows, "the transaction was rolled back")
		counts, err := in.Counts(t.Context())
		require.NoError(t, err)
		require.Equal(t, sqlinbox.Counts{Waiting: 1}, counts)

		require.NoError(t, in.RetryNow(t.Context(), failed.ID))
		require.NoError(t, (<-in.outcomes).Err)
		rows, err = w.Get(t.Context(), "wamid.1")
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, tracker.Sent, rows[0].Step)
		counts, err = in.Counts(t.Context())
		require.NoError(t, err)
		require.Equal(t, sqlinbox.Counts{Done: 1}, counts)
	})
}

// Handlers record statuses of the same messages at once, each event in another order: all end well in their first run.
func TestHandlersAtOnceLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		in := w.inbox(8, func(context.Context, *receiver.Event) error { return nil })
		const events = 120
		want := map[string]tracker.Message{}
		for _, statuses := range crossing(events) {
			for _, st := range statuses {
				st.Recipient = "628"
				want[st.ID] = want[st.ID].Apply(st)
			}
			require.NoError(t, in.HandleEvent(t.Context(), reported(statuses...)))
		}
		for range events {
			require.NoError(t, (<-in.outcomes).Err)
		}
		w.expect(want)
	})
}
