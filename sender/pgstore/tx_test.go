package pgstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// hostTx is a host's transaction, by whichever driver.
type hostTx struct {
	driver.Enqueuer
	exec     func(text string) error
	show     func(name string) string
	commit   func() error
	rollback func()
}

// hosts are the ways in which a host may have its transactions.
func (w *world) hosts() map[string]func() hostTx {
	w.Helper()
	onSQL := func(db *sql.DB) func() hostTx {
		w.Cleanup(func() { db.Close() })
		return func() hostTx {
			tx, err := db.BeginTx(w.ctx, nil)
			require.NoError(w, err)
			return hostTx{
				Enqueuer: w.SQLTx(tx),
				exec:     func(text string) error { _, err := tx.ExecContext(w.ctx, text); return err },
				show: func(name string) (value string) {
					require.NoError(w, tx.QueryRowContext(w.ctx, "show "+name).Scan(&value))
					return value
				},
				commit:   tx.Commit,
				rollback: func() { tx.Rollback() },
			}
		}
	}
	pq, err := sql.Open("postgres", plain(w.pool.Config().ConnString()))
	require.NoError(w, err)
	return map[string]func() hostTx{
		"pgx":          w.begin,
		"database/sql": onSQL(stdlib.OpenDBFromPool(w.pool)),
		"lib/pq":       onSQL(pq),
	}
}

// plain is dsn without TLS, which lib/pq insists on unless told otherwise.
func plain(dsn string) string {
	switch {
	case strings.Contains(dsn, "sslmode="):
		return dsn
	case !strings.Contains(dsn, "://"):
		return dsn + " sslmode=disable"
	case strings.Contains(dsn, "?"):
		return dsn + "&sslmode=disable"
	}
	return dsn + "?sslmode=disable"
}

func (w *world) begin() hostTx {
	w.Helper()
	ctx := w.ctx
	tx, err := w.pool.Begin(ctx)
	require.NoError(w, err)
	w.Cleanup(func() { tx.Rollback(context.Background()) }) // lest a failed test blocks the drop of its schema
	return hostTx{
		Enqueuer: w.Tx(tx),
		exec:     func(text string) error { _, err := tx.Exec(ctx, text); return err },
		show: func(name string) (value string) {
			require.NoError(w, tx.QueryRow(ctx, "show "+name).Scan(&value))
			return value
		},
		commit:   func() error { return tx.Commit(ctx) },
		rollback: func() { tx.Rollback(context.WithoutCancel(ctx)) },
	}
}

func TestWhatIsPublishedInATransactionSharesItsFate(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.exec("create table {schema}.orders (n int)")
	for name, begin := range w.hosts() {
		t.Run(name, func(t *testing.T) {
			for _, commit := range []bool{false, true} {
				tx := begin()
				require.NoError(t, tx.exec(w.in("insert into {schema}.orders values (1)")))
				r := request(10)
				results, claims, err := tx.Enqueue(t.Context(), []driver.Publication{publication("a", name, "x")}, &r)
				require.NoError(t, err)
				require.Equal(t, 1, results[0].Deliveries)
				require.Empty(t, claims, "a transaction never leases")
				_, err = w.Event(t.Context(), "a", name)
				require.ErrorIs(t, err, driver.ErrNotFound, "not before it commits")
				if commit {
					require.NoError(t, tx.commit())
				} else {
					tx.rollback()
				}
				_, err = w.Event(t.Context(), "a", name)
				require.Equal(t, commit, err == nil)
			}
			require.Equal(t, name, w.claim(request(10)).Claims[0].Delivery.EventID)
			require.Equal(t, 1, w.count("select count(*) from {schema}.orders"))
			w.exec("truncate {schema}.orders")
		})
	}
}

// The planner settings that a publication needs are not the host's.
func TestATransactionKeepsItsSettings(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	for name, begin := range w.hosts() {
		t.Run(name, func(t *testing.T) {
			tx := begin()
			defer tx.rollback()
			require.NoError(t, tx.exec("set local enable_hashjoin = off"))
			settings := []string{
				"plan_cache_mode", "enable_seqscan", "enable_bitmapscan", "enable_nestloop", "enable_hashjoin",
				"enable_mergejoin", "jit",
			}
			before := map[string]string{}
			for _, s := range settings {
				before[s] = tx.show(s)
			}
			require.Equal(t, "off", before["enable_hashjoin"])
			_, _, err := tx.Enqueue(t.Context(), []driver.Publication{publication("a", "e", "x")}, nil)
			require.NoError(t, err)
			for _, s := range settings {
				require.Equal(t, before[s], tx.show(s), s)
			}
		})
	}
}

// awkward are events that are easily garbled on their way through a driver.
func awkward() []driver.Publication {
	var pubs []driver.Publication
	for i, s := range []string{
		"plain", "", `quote"s`, `'single'`, `back\slash`, `{braces},commas`, "NULL", "null", " spaces ",
		"new\nline\ttab", "ünïcødé 🪝", `\x00ff`, `"`, `\`,
	} {
		p := publication("a", fmt.Sprint(i, s), "x", s)
		p.Event.Type, p.Event.Device, p.Event.Channel, p.Trace = s, s, s, s
		p.Event.Source = envelope.Source(s)
		p.Event.Test = i%2 == 0
		p.Event.Body = []byte("\x00\xff\\\"'{}," + s)
		if i%3 == 0 {
			p.Event.CreatedAt = time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.FixedZone("WIB", 7*3600))
		}
		pubs = append(pubs, p)
	}
	return pubs
}

func TestEventsComeThroughEveryDriverAsTheyWere(t *testing.T) {
	for _, name := range []string{"pgx", "database/sql", "lib/pq"} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.subscribe("a", "paused \"one\"", driver.StatusPaused, "x")
			tx := w.hosts()[name]()
			results, _, err := tx.Enqueue(t.Context(), awkward(), nil)
			require.NoError(t, err)
			require.NoError(t, tx.commit())
			for i, p := range awkward() {
				require.NoError(t, results[i].Err)
				require.Equal(t, []string{"paused \"one\""}, results[i].Inactive)
				got, err := w.Event(t.Context(), "a", p.Event.ID)
				require.NoError(t, err)
				require.True(t, p.Event.CreatedAt.Equal(got.Event.CreatedAt))
				got.Event.CreatedAt = p.Event.CreatedAt
				require.Equal(t, p.Event, got.Event)
				require.Equal(t, p.Trace, got.Trace)
			}
		})
	}
}

// refused are publications that a store refuses, each for a reason of its own. The event "known" must be there.
func refused() map[string]driver.Publication {
	known, nobody := publication("a", "bad", "x"), publication("a", "bad", "x")
	known.Event.ID = "known"
	nobody.Only = "unknown"
	return map[string]driver.Publication{"another digest": known, "nobody": nobody}
}

func TestABadPublicationLeavesTheTransactionUsable(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "known", "x"))
	for name, begin := range w.hosts() {
		for reason, bad := range refused() {
			t.Run(name+"/"+reason, func(t *testing.T) {
				tx := begin()
				good := publication("a", name+reason, "x")
				results, _, err := tx.Enqueue(t.Context(), []driver.Publication{bad, good}, nil)
				require.NoError(t, err)
				require.Error(t, results[0].Err)
				refused := results[0].Err
				known := errors.Is(refused, driver.ErrConflict) || errors.Is(refused, driver.ErrNotFound)
				require.True(t, known, "%v", refused)
				require.NoError(t, results[1].Err)
				require.Less(t, len(results[0].Err.Error()), 300)
				require.NoError(t, tx.commit())
				_, err = w.Event(t.Context(), "a", good.Event.ID)
				require.NoError(t, err)
			})
		}
	}
}

// Whatever a valid publication holds, it comes back as it was, and never costs the host its transaction.
func FuzzTx(f *testing.F) {
	w := open(f)
	w.subscribe("a", "s", driver.StatusActive, "x")
	for _, p := range awkward() {
		f.Add(p.Org, p.Event.ID, p.Event.Type, p.Trace, p.Topics[1], []byte(p.Event.Body), int64(0), true)
	}
	f.Add("a\x00", "\xff", strings.Repeat("é", 2000), "", "", []byte{}, int64(1)<<62, false)
	db := stdlib.OpenDBFromPool(w.pool)
	defer db.Close()
	f.Fuzz(func(t *testing.T, org, id, kind, trace, topic string, body []byte, unix int64, viaSQL bool) {
		ctx := context.Background()
		p := driver.Publication{
			Org: org, Event: envelope.Event{ID: id, Type: kind, Device: kind, Body: body}, Trace: trace,
			Topics: []string{topic, "x"},
		}
		if unix != 0 {
			p.Event.CreatedAt = time.Unix(unix, 0)
		}
		if !publishable(&p) {
			return
		}
		var tx driver.Enqueuer
		var commit func() error
		if viaSQL {
			sqlTx, err := db.BeginTx(ctx, nil)
			require.NoError(t, err)
			defer sqlTx.Rollback()
			tx, commit = w.SQLTx(sqlTx), sqlTx.Commit
		} else {
			pgxTx, err := w.pool.Begin(ctx)
			require.NoError(t, err)
			defer pgxTx.Rollback(ctx)
			tx, commit = w.Tx(pgxTx), func() error { return pgxTx.Commit(ctx) }
		}
		results, _, err := tx.Enqueue(ctx, []driver.Publication{p}, nil)
		require.NoError(t, err)
		require.NoError(t, commit())
		if results[0].Err != nil || results[0].Duplicate {
			return
		}
		got, err := w.Event(ctx, org, id)
		require.NoError(t, err)
		require.Equal(t, string(body), string(got.Event.Body))
		require.Equal(t, kind, got.Event.Type)
		require.Equal(t, trace, got.Trace)
		require.True(t, p.Event.CreatedAt.Equal(got.Event.CreatedAt))
	})
}

// A batch in opposite orders in two host transactions: one waits for the other, and sees its events as known.
func TestATransactionWaitsForAnotherWithTheSameEvent(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	first, second := w.begin(), w.begin()
	_, _, err := first.Enqueue(t.Context(), publications("a", "e", 3, "x"), nil)
	require.NoError(t, err)
	done := make(chan []driver.Enqueued)
	go func() {
		pubs := publications("a", "e", 4, "x")
		results, _, err := second.Enqueue(t.Context(), []driver.Publication{pubs[3], pubs[2], pubs[1], pubs[0]}, nil)
		if err != nil {
			t.Error(err)
		}
		done <- results
	}()
	w.untilBlocked(1)
	require.NoError(t, first.commit())
	results := <-done
	require.NoError(t, second.commit())
	require.Equal(t, 1, results[0].Deliveries)
	for _, r := range results[1:] {
		require.Equal(t, driver.Enqueued{Duplicate: true}, r)
	}
	require.Len(t, w.claim(request(10)).Claims, 4)
}

// untilBlocked waits until n sessions of this test wait for a lock.
func (w *world) untilBlocked(n int) {
	w.Helper()
	require.Eventually(w, func() bool {
		return w.count(`select count(*) from pg_stat_activity
			where wait_event_type = 'Lock' and query like '%{schema}%'`) >= n
	}, 10*time.Second, 5*time.Millisecond)
}

// publishable reports whether a Sender publishes it: text that any store gives back, a time of the years 1 to 9999.
func publishable(p *driver.Publication) bool {
	e := &p.Event
	for _, text := range append([]string{p.Org, e.ID, e.Type, e.Device, p.Trace}, p.Topics...) {
		if len(text) > 512 || !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			return false
		}
	}
	year := e.CreatedAt.UTC().Year()
	return p.Org != "" && e.ID != "" && year >= 1 && year <= 9999
}
