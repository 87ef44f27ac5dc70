package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// inboxAck is the cost of an event that is stored before it is acknowledged, beside an insert of the same row.
func inboxAck() measurement {
	return measurement{
		name: "inbox-ack",
		what: fmt.Sprintf("events stored by an inbox, from %d callers, beside inserts of the same row", inboxCallers),
		run: func(ctx context.Context, b *bench) error {
			databases, err := b.inboxDatabases()
			if err != nil {
				return err
			}
			for _, d := range databases {
				n := b.pick(4000, 20_000)
				fmt.Fprintf(b.out, "%d events, %v\n", n, d.flavor)
				bare, ours := d.inserts(n), d.acks(n)
				r, err := contest(ctx, b.out, b.rounds(), bare, ours)
				if err != nil {
					return err
				}
				name := "inbox-" + d.flavor.String()
				b.judge(
					atLeast(name, r.ratio(sample.rate, ours.name, bare.name), 0.8),
					atMost(name+"-cpu", r.ratio(sample.cpuPerOp, ours.name, bare.name), 1.5),
				)
			}
			return nil
		},
	}
}

// stores is the time in which n events are stored, once every connection is there and every statement prepared. prepare
// says how one is.
func (d inboxDatabase) stores(
	name string, n int, prepare func(context.Context, *sql.DB, *sqlinbox.Inbox) (func() error, error),
) contender {
	return contender{name: name, run: func(ctx context.Context) (sample, error) {
		db, done, err := d.open(ctx)
		if err != nil {
			return sample{}, err
		}
		defer done()
		inbox, err := d.inbox(ctx, db, receiver.NewMux(), sqlinbox.Config{})
		if err != nil {
			return sample{}, err
		}
		store, err := prepare(ctx, db, inbox)
		if err != nil {
			return sample{}, err
		}
		one := func(int) error { return store() }
		if err := each(50*inboxCallers, inboxCallers, one); err != nil {
			return sample{}, err
		}
		watch := start(d.cpu)
		err = each(n, inboxCallers, one)
		return watch.stop(n), err
	}}
}

func (d inboxDatabase) acks(n int) contender {
	return d.stores("kirimhooks", n, func(ctx context.Context, _ *sql.DB, b *sqlinbox.Inbox) (func() error, error) {
		return func() error { return b.HandleEvent(ctx, received("")) }, nil
	})
}

// inserts is what one would write without an inbox: a prepared insert of what it stores of an event.
func (d inboxDatabase) inserts(n int) contender {
	return d.stores("bare insert", n, func(ctx context.Context, db *sql.DB, b *sqlinbox.Inbox) (func() error, error) {
		if err := b.HandleEvent(ctx, received("")); err != nil {
			return nil, err
		}
		var head string
		if err := db.QueryRowContext(ctx, `select head from kirimhooks_inbox`).Scan(&head); err != nil {
			return nil, err
		}
		marks := "?, '', 2, 0, 0, 0, ?, ?"
		if d.flavor == sqlinbox.Postgres {
			marks = "$1, '', 2, 0, 0, 0, $2, $3"
		}
		if d.flavor == sqlinbox.SQLite {
			db.SetMaxOpenConns(1) // else they lock each other out
		}
		insert, err := db.PrepareContext(ctx, `insert into kirimhooks_inbox
			(event_key, lane, stage, due, arrived, created, head, body) values (`+marks+`)`)
		if err != nil {
			return nil, err
		}
		return func() error {
			_, err := insert.ExecContext(ctx, fmt.Sprint("bare:", inboxEvents.Add(1)), head, inboxBody)
			return err
		}, nil
	})
}
