package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

const (
	laneBacklog = 100_000
	slowLane    = "slow"
)

// inboxLanes is the time from the arrival of events in many lanes to their handling, while one other lane is long and
// its first event takes its time. Beside it as many rows are of events that were handled before: a table that has just
// grown gives every database work.
func inboxLanes() measurement {
	return measurement{
		name: "inbox-lanes",
		what: fmt.Sprintf("events of 1,000 lanes stored and handled, with %d waiting in one other lane, and with %[1]d done",
			laneBacklog),
		run: func(ctx context.Context, b *bench) error {
			databases, err := b.inboxDatabases()
			if err != nil {
				return err
			}
			for _, d := range databases {
				n := b.pick(4000, 20_000)
				fmt.Fprintf(b.out, "%d events, %v\n", n, d.flavor)
				free, behind := d.handles("no backlog", n, false), d.handles("behind a long lane", n, true)
				r, err := contest(ctx, b.out, b.rounds(), free, behind)
				if err != nil {
					return err
				}
				b.judge(atMost("inbox-lanes-"+d.flavor.String(), r.ratio(sample.rate, free.name, behind.name), 1.1))
			}
			return nil
		},
	}
}

func (d inboxDatabase) handles(name string, n int, waiting bool) contender {
	return contender{name: name, run: func(ctx context.Context) (sample, error) {
		db, done, err := d.open(ctx)
		if err != nil {
			return sample{}, err
		}
		defer done()
		count := newTally()
		next := receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
			if laneOf(ev) == slowLane {
				<-ctx.Done()
				return context.Cause(ctx)
			}
			return nil
		})
		inbox, err := d.inbox(ctx, db, next, sqlinbox.Config{
			Key: laneOf, Hooks: sqlinbox.Hooks{Ran: count.ran}, ShutdownTimeout: time.Millisecond,
		})
		if err != nil {
			return sample{}, err
		}
		if err := pile(ctx, db, inbox, laneBacklog, waiting); err != nil {
			return sample{}, err
		}
		stop := running(ctx, inbox)
		err = placed(ctx, db)
		count.expect(n)
		watch := start(d.cpu)
		if err == nil {
			err = each(n, inboxCallers, func(i int) error {
				return inbox.HandleEvent(ctx, received(fmt.Sprint("lane", i%1000)))
			})
		}
		if err == nil {
			err = count.await(ctx, patience)
		}
		s := watch.stop(n)
		if stopErr := stop(); err == nil {
			err = stopErr
		}
		return s, err
	}}
}

// pile puts n events into the slow lane, and handles them if they shall not wait.
func pile(ctx context.Context, db *sql.DB, inbox *sqlinbox.Inbox, n int, waiting bool) error {
	if err := inbox.HandleEvent(ctx, received(slowLane)); err != nil {
		return err
	}
	for made := 1; made < n; {
		r, err := db.ExecContext(ctx, `insert into kirimhooks_inbox
			(event_key, lane, stage, due, arrived, created, head, body)
			select null, lane, stage, due + seq, arrived + seq, created, head, body from kirimhooks_inbox limit `+fmt.Sprint(n-made))
		if err != nil {
			return err
		}
		more, err := r.RowsAffected()
		if err != nil {
			return err
		}
		made += int(more)
	}
	if waiting {
		return nil
	}
	_, err := db.ExecContext(ctx, `update kirimhooks_inbox set stage = 6`) // done, and out of its lane
	return err
}

// placed waits until every event has its place in its lane.
func placed(ctx context.Context, db *sql.DB) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		arriving := false
		err := db.QueryRowContext(ctx, `select exists (select 1 from kirimhooks_inbox where stage = 0)`).Scan(&arriving)
		if err != nil || !arriving {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}
