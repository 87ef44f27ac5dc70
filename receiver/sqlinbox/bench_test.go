package sqlinbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// body is about as long as a message of Meta's.
var body = []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":"` +
	strings.Repeat("x", 600) + `"}]}]}`)

var quiet = slog.New(slog.DiscardHandler)

var serial atomic.Int64

func fresh(lane string) *receiver.Event {
	id := fmt.Sprintf("%s.%d", lane, serial.Add(1))
	return &receiver.Event{
		Event: envelope.Event{
			ID: id, Source: envelope.Meta, Type: "message.received", CreatedAt: time.Now(), Body: body,
		},
		Key: "bench:" + id, Dialect: "kirim", DeliveryID: "wbd_01JQZ5W8V3N6R2X4Y7T9K1M0PC", Attempt: 1,
		ReceivedAt: time.Now(),
	}
}

const callers = 16

// BenchmarkAck is an acknowledged event, beside an insert of the same row by itself, from 16 callers each.
func BenchmarkAck(b *testing.B) {
	for name, open := range sources {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			db := s.open(b)
			inbox := newInbox(b, s, db, receiver.NewMux(), sqlinbox.Config{})
			row := rowOf(b, db, inbox)
			b.Run("inbox", func(b *testing.B) {
				parallel(b, func() error { return inbox.HandleEvent(b.Context(), fresh("")) })
			})
			b.Run("bare", func(b *testing.B) {
				bare := s.open(b)
				if s.flavor == sqlinbox.SQLite {
					bare.SetMaxOpenConns(1) // else they lock each other out
				}
				insert := row.insert(b, s, bare)
				parallel(b, func() error {
					_, err := insert.ExecContext(b.Context(), fmt.Sprint("bare:", serial.Add(1)), row.head, body)
					return err
				})
			})
		})
	}
}

// parallel runs f from as many goroutines as there are callers, once every connection is there.
func parallel(b *testing.B, f func() error) {
	spread(b, 50*callers, func(int) error { return f() })
	b.ResetTimer()
	spread(b, b.N, func(int) error { return f() })
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// row is what the inbox stores of one event.
type row struct{ head string }

func rowOf(b *testing.B, db *sql.DB, inbox *sqlinbox.Inbox) (r row) {
	require.NoError(b, inbox.HandleEvent(b.Context(), fresh("")))
	require.NoError(b, db.QueryRowContext(b.Context(), `select head from kirimhooks_inbox`).Scan(&r.head))
	return r
}

func (row) insert(b *testing.B, s source, db *sql.DB) *sql.Stmt {
	marks := "?, '', 2, 0, 0, 0, ?, ?"
	if s.flavor == sqlinbox.Postgres {
		marks = "$1, '', 2, 0, 0, 0, $2, $3"
	}
	stmt, err := db.PrepareContext(b.Context(),
		`insert into kirimhooks_inbox (event_key, lane, stage, due, arrived, created, head, body) values (`+marks+`)`)
	require.NoError(b, err)
	b.Cleanup(func() { stmt.Close() })
	return stmt
}

func newInbox(b *testing.B, s source, db *sql.DB, next receiver.EventHandler, cfg sqlinbox.Config) *sqlinbox.Inbox {
	cfg.Logger = quiet
	inbox, err := sqlinbox.New(db, s.flavor, next, cfg)
	require.NoError(b, err)
	require.NoError(b, inbox.Migrate(b.Context()))
	return inbox
}

// BenchmarkHandle runs stored events: with nothing to do, with an effect in the transaction of the mark, and that in
// lanes.
func BenchmarkHandle(b *testing.B) {
	for name, open := range sources {
		for kind, cfg := range map[string]sqlinbox.Config{
			"empty":  {},
			"effect": {},
			"lanes":  {Key: byPrefix},
		} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				s := open(b)
				db := s.open(b)
				_, err := db.ExecContext(b.Context(), `create table effects (id varchar(64) not null)`)
				require.NoError(b, err)
				cfg.Workers = 20
				handle(b, s, db, cfg, kind != "empty")
			})
		}
	}
}

func handle(b *testing.B, s source, db *sql.DB, cfg sqlinbox.Config, effect bool) {
	insert := `insert into effects (id) values (?)`
	if s.flavor == sqlinbox.Postgres {
		insert = `insert into effects (id) values ($1)`
	}
	var left atomic.Int64
	all := make(chan struct{})
	inbox := newInbox(b, s, db, receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		if effect {
			if _, err := sqlinbox.Tx(ctx).ExecContext(ctx, insert, ev.ID); err != nil {
				return err
			}
		}
		return nil
	}), withRan(cfg, func(o sqlinbox.Outcome) {
		if o.Err == nil && left.Add(-1) == 0 {
			close(all)
		}
	}))
	left.Store(int64(b.N))
	spread(b, b.N, func(i int) error { return inbox.HandleEvent(b.Context(), fresh(fmt.Sprint("lane", i%1000))) })
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	b.ResetTimer()
	go func() { ended <- inbox.Run(ctx) }()
	<-all
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	cancel()
	require.NoError(b, <-ended)
}

// BenchmarkBacklog handles events of many lanes, with 100,000 that wait in one other lane, whose first takes its time,
// and without.
func BenchmarkBacklog(b *testing.B) {
	for name, open := range sources {
		for _, waiting := range []int{0, 100_000} {
			b.Run(fmt.Sprint(name, "/", waiting), func(b *testing.B) { behind(b, open(b), waiting) })
		}
	}
}

func behind(b *testing.B, s source, waiting int) {
	if testing.Short() {
		waiting /= 100
	}
	db := s.open(b)
	var left atomic.Int64
	all := make(chan struct{})
	cfg := withRan(sqlinbox.Config{Key: byPrefix, Workers: 20, ShutdownTimeout: time.Millisecond}, func(sqlinbox.Outcome) {
		if left.Add(-1) == 0 {
			close(all)
		}
	})
	inbox := newInbox(b, s, db, receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		if byPrefix(ev) == "slow" {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		return nil
	}), cfg)
	fill(b, s, db, inbox, waiting)
	left.Store(int64(b.N))
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- inbox.Run(ctx) }()
	for waiting > 0 { // until all have their places
		var arrived int
		require.NoError(b, db.QueryRow(`select count(*) from kirimhooks_inbox where stage = 0`).Scan(&arrived))
		if arrived == 0 {
			break
		}
	}
	b.ResetTimer()
	spread(b, b.N, func(i int) error { return inbox.HandleEvent(b.Context(), fresh(fmt.Sprint("lane", i%1000))) })
	<-all
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	cancel()
	require.NoError(b, <-ended)
}

// fill puts events into the slow lane.
func fill(b *testing.B, s source, db *sql.DB, inbox *sqlinbox.Inbox, n int) {
	if n == 0 {
		return
	}
	require.NoError(b, inbox.HandleEvent(b.Context(), fresh("slow")))
	for made := 1; made < n; {
		r, err := db.Exec(`insert into kirimhooks_inbox (event_key, lane, stage, due, arrived, created, head, body)
			select null, lane, stage, due + seq, arrived + seq, created, head, body from kirimhooks_inbox limit ` + fmt.Sprint(n-made))
		require.NoError(b, err)
		more, err := r.RowsAffected()
		require.NoError(b, err)
		made += int(more)
	}
}

func byPrefix(ev *receiver.Event) string { lane, _, _ := strings.Cut(ev.ID, "."); return lane }

func withRan(cfg sqlinbox.Config, f func(sqlinbox.Outcome)) sqlinbox.Config {
	cfg.Hooks.Ran = func(_ context.Context, _ *receiver.Event, o sqlinbox.Outcome) { f(o) }
	return cfg
}

// spread calls f n times, from 16 goroutines.
func spread(b *testing.B, n int, f func(i int) error) {
	var next atomic.Int64
	errs := make(chan error, callers)
	for range callers {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					errs <- nil
					return
				}
				if err := f(i); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range callers {
		require.NoError(b, <-errs)
	}
}
