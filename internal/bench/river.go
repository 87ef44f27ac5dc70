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
	"github.com/riverqueue/river/rivermigrate"
)

const riverSchema = "river"

// river is River as a sender of webhooks, tuned: a job is a delivery and holds the event's body.
type river struct {
	*tally
	pool      *pgxpool.Pool
	client    *riverqueue.Client[pgx.Tx]
	poster    *poster
	far       *sink
	endpoints int
}

// riverWorker makes the attempts.
type riverWorker struct {
	riverqueue.WorkerDefaults[job]
	poster *poster
}

func (w *riverWorker) Work(ctx context.Context, j *riverqueue.Job[job]) error {
	return w.poster.attempt(ctx, j.Args)
}

// river returns a River of so many workers in an empty schema.
func (p *postgres) river(ctx context.Context, far *sink, endpoints, workers int) (*river, error) {
	pool, err := p.riverPool(ctx)
	if err != nil {
		return nil, err
	}
	r := &river{tally: newTally(), pool: pool, poster: newPoster(workers), far: far, endpoints: endpoints}
	if err := r.migrate(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("river: migrate: %w", err)
	}
	kinds := riverqueue.NewWorkers()
	riverqueue.AddWorker(kinds, &riverWorker{poster: r.poster})
	r.client, err = riverqueue.NewClient(riverpgxv5.New(pool), &riverqueue.Config{
		Schema:            riverSchema,
		Queues:            map[string]riverqueue.QueueConfig{riverqueue.QueueDefault: {MaxWorkers: workers}},
		Workers:           kinds,
		FetchCooldown:     time.Millisecond, // the least that it takes; the default bounds it to 10 fetches a second
		FetchPollInterval: 100 * time.Millisecond,
		JobTimeout:        -1, // an attempt has its own
		Logger:            slog.New(slog.DiscardHandler),
	})
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("river: %w", err)
	}
	return r, nil
}

// riverPool has a connection for each of the callers that any case has: their commits then share syncs.
func (p *postgres) riverPool(ctx context.Context) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(p.dsn)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 70
	return pgxpool.NewWithConfig(ctx, cfg)
}

func (r *river) migrate(ctx context.Context) error {
	for _, statement := range []string{"drop schema if exists %s cascade", "create schema %s"} {
		if _, err := r.pool.Exec(ctx, fmt.Sprintf(statement, riverSchema)); err != nil {
			return err
		}
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(r.pool), &rivermigrate.Config{
		Schema: riverSchema, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func (r *river) close() {
	r.poster.close()
	r.pool.Close()
}

func (r *river) put(ctx context.Context, i int) error {
	j, err := newJob(r.far, i, r.endpoints)
	if err != nil {
		return err
	}
	_, err = r.client.Insert(ctx, j, nil)
	return err
}

// putBatch inserts by COPY, the fastest way that River has.
func (r *river) putBatch(ctx context.Context, first, n int) error {
	batch := make([]riverqueue.InsertManyParams, n)
	for i := range batch {
		j, err := newJob(r.far, first+i, r.endpoints)
		if err != nil {
			return err
		}
		batch[i].Args = j
	}
	_, err := r.client.InsertManyFast(ctx, batch)
	return err
}

// run starts the workers. A job has finished once River says that it is completed in the database.
func (r *river) run(ctx context.Context) (stop func() error, err error) {
	// River drops events that do not fit.
	completed, _ := r.client.SubscribeConfig(&riverqueue.SubscribeConfig{
		ChanSize: 1 << 17, Kinds: []riverqueue.EventKind{riverqueue.EventKindJobCompleted},
	})
	go func() {
		for range completed { // until the client stops
			r.add()
		}
	}()
	if err := r.client.Start(ctx); err != nil {
		return nil, fmt.Errorf("river: start: %w", err)
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		if err := r.client.Stop(ctx); err != nil {
			return err
		}
		return r.verify(ctx)
	}, nil
}

// verify compares what was counted with what the database says.
func (r *river) verify(ctx context.Context) error {
	var completed int64
	row := r.pool.QueryRow(ctx, fmt.Sprintf("select count(*) from %s.river_job where state = 'completed'", riverSchema))
	if err := row.Scan(&completed); err != nil {
		return err
	}
	if counted := r.finished.Load(); counted != completed {
		return fmt.Errorf("river: %d jobs are completed, %d were counted", completed, counted)
	}
	return nil
}
