package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	riverqueue "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// inboxHandle is the time in which a backlog is handled, each event with an effect that commits with its mark.
func inboxHandle() measurement {
	return measurement{
		name: "inbox-handle",
		what: fmt.Sprintf("drain of a backlog on Postgres, each event with one row written in the transaction that ends it, "+
			"%d workers", inboxWorkers),
		run: func(ctx context.Context, b *bench) error {
			pg, err := b.postgres()
			if err != nil {
				return err
			}
			n := b.pick(8000, 40_000)
			river, ours := pg.riverEffects(n), pg.inbox().effects(n)
			r, err := contest(ctx, b.out, b.rounds(), river, ours)
			if err != nil {
				return err
			}
			b.judge(
				atLeast("inbox-handle-river", r.ratio(sample.rate, ours.name, river.name), 1.5),
				atLeast("inbox-handle-rate", r.median(ours.name, sample.rate), 3000),
			)
			return nil
		},
	}
}

const createEffects = `create table effects (id varchar(64) not null)`

func (d inboxDatabase) effects(n int) contender {
	return contender{name: "kirimhooks", run: func(ctx context.Context) (sample, error) {
		db, done, err := d.open(ctx)
		if err != nil {
			return sample{}, err
		}
		defer done()
		if _, err := db.ExecContext(ctx, createEffects); err != nil {
			return sample{}, err
		}
		count := newTally()
		effect := receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
			_, err := sqlinbox.Tx(ctx).ExecContext(ctx, `insert into effects (id) values ($1)`, ev.ID)
			return err
		})
		inbox, err := d.inbox(ctx, db, effect, sqlinbox.Config{Hooks: sqlinbox.Hooks{Ran: count.ran}})
		if err != nil {
			return sample{}, err
		}
		err = each(n, inboxCallers, func(int) error { return inbox.HandleEvent(ctx, received("")) })
		if err != nil {
			return sample{}, err
		}
		count.expect(n)
		watch := start(d.cpu)
		stop := running(ctx, inbox)
		err = count.await(ctx, patience)
		s := watch.stop(n)
		if stopErr := stop(); err == nil {
			err = stopErr
		}
		return s, err
	}}
}

// ran counts an event that was handled.
func (t *tally) ran(_ context.Context, _ *receiver.Event, o sqlinbox.Outcome) {
	if o.State == sqlinbox.Done {
		t.add()
	}
}

// effectJob is an event as a job queue holds it.
type effectJob struct {
	ID   string `json:"id"`
	Body string `json:"body"`
}

// Kind is what River knows it by.
func (effectJob) Kind() string { return "effect" }

// effectWorker writes the effect and completes the job in one transaction, as River's manual shows it.
type effectWorker struct {
	riverqueue.WorkerDefaults[effectJob]
	pool  *pgxpool.Pool
	count *tally
}

func (w *effectWorker) Work(ctx context.Context, j *riverqueue.Job[effectJob]) error {
	err := pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `insert into effects (id) values ($1)`, j.Args.ID); err != nil {
			return err
		}
		_, err := riverqueue.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, j)
		return err
	})
	if err == nil {
		w.count.add()
	}
	return err
}

func (p *postgres) riverEffects(n int) contender {
	return contender{name: "River", run: func(ctx context.Context) (sample, error) {
		pool, err := p.riverPool(ctx)
		if err != nil {
			return sample{}, err
		}
		defer pool.Close()
		if err := (&river{pool: pool}).migrate(ctx); err != nil {
			return sample{}, err
		}
		if _, err := pool.Exec(ctx, `drop table if exists effects; `+createEffects); err != nil {
			return sample{}, err
		}
		count := newTally()
		kinds := riverqueue.NewWorkers()
		riverqueue.AddWorker(kinds, &effectWorker{pool: pool, count: count})
		client, err := riverqueue.NewClient(riverpgxv5.New(pool), &riverqueue.Config{
			Schema: riverSchema, Workers: kinds,
			Queues:            map[string]riverqueue.QueueConfig{riverqueue.QueueDefault: {MaxWorkers: inboxWorkers}},
			FetchCooldown:     time.Millisecond,
			FetchPollInterval: 100 * time.Millisecond,
			Logger:            slog.New(slog.DiscardHandler),
		})
		if err != nil {
			return sample{}, err
		}
		jobs := make([]riverqueue.InsertManyParams, n)
		for i := range jobs {
			jobs[i].Args = effectJob{ID: fmt.Sprint("river.", inboxEvents.Add(1)), Body: string(inboxBody)}
		}
		if _, err := client.InsertManyFast(ctx, jobs); err != nil {
			return sample{}, err
		}
		count.expect(n)
		watch := start(p.cpu)
		if err := client.Start(ctx); err != nil {
			return sample{}, err
		}
		err = count.await(ctx, patience)
		s := watch.stop(n)
		if stopErr := client.Stop(context.WithoutCancel(ctx)); err == nil {
			err = stopErr
		}
		return s, err
	}}
}
