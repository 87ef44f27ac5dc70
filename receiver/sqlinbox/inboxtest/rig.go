package inboxtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// rig is one case with its database.
type rig struct {
	T
	Subject
	ctx    context.Context
	table  string
	ending sync.Once
	stops  []func()
}

func play(t T, s Subject, run func(*rig)) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := &rig{T: t, Subject: s, ctx: ctx, table: "inboxtest_" + strings.ToLower(rand.Text()[:12])}
	if r.New == nil {
		r.New = sqlinbox.New
	}
	if r.Patience == 0 {
		r.Patience = time.Minute
	}
	defer r.end()
	run(r)
}

// end stops every inbox, whether the case came to its end or not.
func (r *rig) end() {
	r.ending.Do(func() {
		for _, stop := range r.stops {
			stop()
		}
	})
}

// quick are settings under which a case takes no time.
func (r *rig) quick() sqlinbox.Config {
	return sqlinbox.Config{
		Table: r.table, PollInterval: 5 * time.Millisecond, Waits: []time.Duration{time.Millisecond, time.Millisecond},
		ShutdownTimeout: 10 * time.Second, Logger: slog.New(slog.DiscardHandler), MayLoseCommits: true,
	}
}

// open returns an inbox, as another process would have one.
func (r *rig) open(handle receiver.HandlerFunc, cfg sqlinbox.Config) *sqlinbox.Inbox {
	r.Helper()
	b, err := r.New(r.DB, r.Flavor, handle, cfg)
	require.NoError(r, err)
	require.NoError(r, b.Migrate(r.ctx))
	return b
}

// run starts b. stop ends it and waits for that; the case does so at its end otherwise.
func (r *rig) run(b *sqlinbox.Inbox) (stop func()) {
	ctx, cancel := context.WithCancel(r.ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.Errorf("Run: %v", err)
		}
	})
	r.stops = append(r.stops, stop)
	return stop
}

// start opens and runs.
func (r *rig) start(handle receiver.HandlerFunc, cfg sqlinbox.Config) *sqlinbox.Inbox {
	r.Helper()
	b := r.open(handle, cfg)
	r.run(b)
	return b
}

// event is one with an id that is its key too.
func event(id string) *receiver.Event {
	return &receiver.Event{
		Event:      envelope.Event{ID: id, Source: envelope.Kirim, Type: "test", Body: []byte(`{"id":"` + id + `"}`)},
		Key:        "test:" + id,
		Dialect:    "test",
		ReceivedAt: time.Now(),
	}
}

func (r *rig) send(b *sqlinbox.Inbox, ids ...string) {
	r.Helper()
	for _, id := range ids {
		require.NoError(r, b.HandleEvent(r.ctx, event(id)))
	}
}

// byPrefix is the lane of ids such as "a.1".
func byPrefix(ev *receiver.Event) string {
	lane, _, found := strings.Cut(ev.ID, ".")
	if !found {
		return ""
	}
	return lane
}

// until waits for what must come.
func (r *rig) until(what string, true func() bool) {
	r.Helper()
	for limit := time.Now().Add(r.Patience); !true(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(limit) {
			require.FailNow(r, "it did not come", what)
		}
	}
}

// wait waits for one value.
func wait[V any](r *rig, what string, c <-chan V) (v V) {
	r.Helper()
	select {
	case v = <-c:
	case <-time.After(r.Patience):
		require.FailNow(r, "it did not come", what)
	}
	return v
}

func (r *rig) counts(b *sqlinbox.Inbox) sqlinbox.Counts {
	r.Helper()
	c, err := b.Counts(r.ctx)
	require.NoError(r, err)
	return c
}

func (r *rig) list(b *sqlinbox.Inbox, s sqlinbox.State) []sqlinbox.Entry {
	r.Helper()
	entries, err := b.List(r.ctx, sqlinbox.Query{State: s})
	require.NoError(r, err)
	return entries
}

// only returns the one entry of a state, as soon as there is one.
func (r *rig) only(b *sqlinbox.Inbox, s sqlinbox.State) (e sqlinbox.Entry) {
	r.Helper()
	r.until("one event that is "+s.String(), func() bool {
		entries := r.list(b, s)
		if len(entries) == 1 {
			e = entries[0]
		}
		return len(entries) == 1
	})
	return e
}

// exec runs SQL in which {t} is the table; its arguments are numbers.
func (r *rig) exec(text string, args ...int64) {
	r.Helper()
	text = strings.ReplaceAll(text, "{t}", r.table)
	for _, arg := range args {
		text = strings.Replace(text, "?", strconv.FormatInt(arg, 10), 1)
	}
	_, err := r.DB.ExecContext(r.ctx, text)
	require.NoError(r, err, text)
}

// lapse ends the lease of a running event, as an hour in which its process was suspended would.
func (r *rig) lapse(id int64) {
	r.Helper()
	r.exec(`update {t} set due = due - ? where seq = ?`, time.Hour.Microseconds(), id)
}

// effects is a table of the host.
func (r *rig) effects() {
	r.Helper()
	r.exec(`create table {t}_effects (id varchar(64) not null)`)
}

// effect writes one, in tx.
func (r *rig) effect(tx *sql.Tx, id string) error {
	_, err := tx.ExecContext(r.ctx, fmt.Sprintf(`insert into %s_effects (id) values ('%s')`, r.table, id))
	return err
}

func (r *rig) effectsOf(id string) (n int) {
	r.Helper()
	query := fmt.Sprintf(`select count(*) from %s_effects where id = '%s'`, r.table, id)
	require.NoError(r, r.DB.QueryRowContext(r.ctx, query).Scan(&n))
	return n
}
