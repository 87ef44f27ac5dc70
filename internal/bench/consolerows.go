package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// What the rows have: of 1,000 deliveries one is of a rare type, one of a rare device, and so on. The others are spread
// over subscriptions, types and devices, and over the last week, the newest last. One of ten is dead.
const (
	consoleSubscriptions = 20
	rareOne              = 1000

	rowType    = `case g % 1000 when 3 then 'load.rare' else 'load.e' || (g % 20) end`
	rowDevice  = `case g % 1000 when 5 then 'rare' else 'device' || (g % 20) end`
	rowChannel = `case g % 1000 when 7 then 'telegram' else 'whatsapp' end`
)

// filled is a store with n deliveries of one org.
type filled struct {
	name  string
	store sender.Store
	org   *sender.Org
	hooks *sender.Sender
	subs  []string
	n     int
}

// newFilled subscribes, and has insert make the rows.
func newFilled(ctx context.Context, name string, store sender.Store, n int, insert func() error) (*filled, error) {
	s, err := sender.New(store, sender.Config{MaxSubscriptions: -1, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	f := &filled{name: name, store: store, org: s.Org("bench"), hooks: s, n: n}
	for i := range consoleSubscriptions {
		sub, _, err := f.org.Subscribe(ctx, sender.Subscription{
			URL: fmt.Sprint("https://example.com/", i), Events: []string{eventType(i)}})
		if err != nil {
			return nil, err
		}
		f.subs = append(f.subs, sub.ID)
	}
	return f, insert()
}

const pgRows = `
insert into console.events (number, published_at, created_at, org, id, source, type, device, channel, is_test,
	unreferenced, trace, digest, body)
select g, now() - interval '7 days' * (1 - g::float / $1), now(), 'bench', 'evt_' || g, 'kirim', ` + rowType + `, ` +
	rowDevice + `, ` + rowChannel + `, g % 1000 = 11, false, '', '', convert_to(repeat('x', 200), 'UTF8')
from generate_series(1, $1::int) g`

const pgAttempts = `
insert into console.attempts (delivery, subscription, token, logged_at, created_at, duration_ns, event, attempt_number,
	attempts_made, status_code, state, lapsed, attempt_is_test, org, error_class, response, is_test)
select g, s.subs[g % 20 + 1], g, at, at, 5000000, g, 1, 1, 200,
	case when g % 1000 = 13 then 3 when (g / 1000 + g / 20) % 10 = 9 then 2 else 1 end, false, false, 'bench', '', '', g % 1000 = 11
from generate_series(1, $1::int) g
cross join (select array_agg(number order by number) as subs from console.subscriptions) s
cross join lateral (select now() - interval '7 days' * (1 - g::float / $1) as at) t`

func (p *postgres) filled(ctx context.Context, n int) (*filled, func(), error) {
	pool, err := p.pool(ctx)
	if err != nil {
		return nil, nil, err
	}
	store, err := p.store(ctx, pool, "console")
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	f, err := newFilled(ctx, "pg", store, n, func() error {
		for _, text := range []string{pgRows, pgAttempts} {
			if _, err := pool.Exec(ctx, text, n); err != nil {
				return err
			}
		}
		if _, err := pool.Exec(ctx, `select setval('console.numbers', $1)`, n); err != nil {
			return err
		}
		_, err := pool.Exec(ctx, `vacuum analyze`)
		return err
	})
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return f, func() {
		_, _ = pool.Exec(context.WithoutCancel(ctx), `drop schema console cascade`)
		pool.Close()
	}, nil
}

const (
	sqliteSeries = `with recursive series(g) as (select 1 union all select g + 1 from series where g < ?1) `
	sqliteMoment = `(unixepoch() - 604800 + 604800 * g / ?1) * 1000000000`

	sqliteRows = `insert into kirimhooks_events ` + sqliteSeries + `
select g, 'bench', 'evt_' || g, 'kirim', ` + rowType + `, ` + rowDevice + `, ` + rowChannel + `, g % 1000 = 11, '', ` +
		sqliteMoment + `, x'', '', zeroblob(200) from series`
	sqliteDeliveries = `insert into kirimhooks_deliveries
	(delivery, org, event, subscription, is_test, phase, due_at, token, attempt, created_at, state) ` + sqliteSeries + `
select g, 'bench', g, (select min(subscription) from kirimhooks_subscriptions) + g % 20, g % 1000 = 11, 0, ` +
		sqliteMoment + `, g, 1, ` + sqliteMoment + `,
	case when g % 1000 = 13 then 'cancelled' when (g / 1000 + g / 20) % 10 = 9 then 'dead' else 'delivered' end from series`
)

func sqliteFilled(ctx context.Context, n int) (_ *filled, done func(), err error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, nil, err
	}
	done = func() { os.RemoveAll(dir) }
	file := filepath.Join(dir, "db")
	store, err := sqlitestore.Open(ctx, file, sqlitestore.Config{})
	if err != nil {
		done()
		return nil, nil, err
	}
	done = func() { store.Close(); os.RemoveAll(dir) }
	f, err := newFilled(ctx, "sqlite", store, n, func() error {
		db, err := sql.Open("sqlite", file)
		if err != nil {
			return err
		}
		defer db.Close()
		db.SetMaxOpenConns(1) // what a pragma sets is the connection's
		if _, err := db.ExecContext(ctx, `pragma synchronous = off; pragma cache_size = -200000`); err != nil {
			return err
		}
		for _, text := range []string{sqliteRows, sqliteDeliveries} {
			if _, err := db.ExecContext(ctx, text, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		done()
	}
	return f, done, err
}
