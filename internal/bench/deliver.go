package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

const drainWorkers = 256

// opener makes an empty store, and what closes it.
type opener func(ctx context.Context) (sender.Store, func(), error)

// drain is the time in which our workers get rid of a backlog of n, as a contender. open makes a store for each run.
func drain(
	name string, far *sink, subscriptions, n int, cfg sender.Config, cpu func() time.Duration, open opener,
) contender {
	return contender{name: name, run: func(ctx context.Context) (sample, error) {
		store, done, err := open(ctx)
		if err != nil {
			return sample{}, err
		}
		defer done()
		r, err := newRig(ctx, setup{store: store, far: far, subscriptions: subscriptions, config: cfg})
		if err != nil {
			return sample{}, err
		}
		if err := r.publish(ctx, n, 256); err != nil {
			return sample{}, err
		}
		r.expect(n)
		watch := start(cpu)
		stop := r.run(ctx)
		err = r.await(ctx, 2*time.Minute)
		s := watch.stop(n)
		if stopErr := stop(); err == nil {
			err = stopErr
		}
		return s, err
	}}
}

func openMemory(context.Context) (sender.Store, func(), error) { return memstore.New(), func() {}, nil }

func openSQLite(ctx context.Context) (sender.Store, func(), error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, nil, err
	}
	store, err := sqlitestore.Open(ctx, filepath.Join(dir, "db"), sqlitestore.Config{})
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return store, func() { store.Close(); os.RemoveAll(dir) }, nil
}

func (p *postgres) open(ctx context.Context) (sender.Store, func(), error) {
	return p.openIn(ctx, "ours")
}

// openIn makes an empty store in a schema of its own.
func (p *postgres) openIn(ctx context.Context, schema string) (sender.Store, func(), error) {
	pool, err := p.pool(ctx)
	if err != nil {
		return nil, nil, err
	}
	store, err := p.store(ctx, pool, schema)
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return store, pool.Close, nil
}

func deliverMemory() measurement {
	return measurement{
		name: "deliver-mem",
		what: fmt.Sprintf("drain of a backlog, memory store, %d workers", drainWorkers),
		run: func(ctx context.Context, b *bench) error {
			return b.drainAgainstRaw(ctx, "deliver-mem", b.pick(15_000, 50_000), openMemory, 0.85, 1.2)
		},
	}
}

func deliverSQLite() measurement {
	return measurement{
		name: "deliver-sqlite",
		what: fmt.Sprintf("drain of a backlog, SQLite that syncs each commit, %d workers", drainWorkers),
		run: func(ctx context.Context, b *bench) error {
			return b.drainAgainstRaw(ctx, "deliver-sqlite", b.pick(10_000, 50_000), openSQLite, 0.5, 0)
		},
	}
}

func (b *bench) drainAgainstRaw(ctx context.Context, name string, n int, open opener, rate, cpu float64) error {
	far, err := startSink(ctx)
	if err != nil {
		return err
	}
	defer far.stop()
	for _, endpoints := range []int{1, 1000} {
		raw := rawClient(far, endpoints, drainWorkers, n)
		ours := drain("kirimhooks", far, endpoints, n, sender.Config{Workers: drainWorkers, PerSubscription: drainWorkers},
			nil, open)
		fmt.Fprintf(b.out, "%d deliveries to %d endpoints\n", n, endpoints)
		r, err := contest(ctx, b.out, b.rounds(), raw, ours)
		if err != nil {
			return err
		}
		b.judge(atLeast(fmt.Sprintf("%s-%d", name, endpoints), r.ratio(sample.rate, ours.name, raw.name), rate))
		if cpu > 0 {
			b.judge(atMost(fmt.Sprintf("%s-%d-cpu", name, endpoints), r.ratio(sample.cpuPerOp, ours.name, raw.name), cpu))
		}
	}
	return nil
}

func deliverPostgres() measurement {
	return measurement{
		name: "deliver-pg",
		what: fmt.Sprintf("drain of a backlog to %d endpoints on Postgres, %d workers, with the log of attempts",
			subscriptions, drainWorkers),
		run: func(ctx context.Context, b *bench) error {
			far, err := startSink(ctx)
			if err != nil {
				return err
			}
			defer far.stop()
			pg, err := b.postgres()
			if err != nil {
				return err
			}
			n := b.pick(10_000, 50_000)
			raw, ours, river := rawClient(far, subscriptions, drainWorkers, n), pg.ours(far, drainWorkers).drains(n),
				pg.rivers(far, drainWorkers).drains(n)
			r, err := contest(ctx, b.out, b.rounds(), river, ours, raw)
			if err != nil {
				return err
			}
			b.judge(
				atLeast("deliver-pg-river", r.ratio(sample.rate, ours.name, river.name), 2),
				atLeast("deliver-pg-raw", r.ratio(sample.rate, ours.name, raw.name), 0.6),
				atMost("deliver-pg-cpu", r.ratio(sample.cpuPerOp, ours.name, river.name), 0.42),
			)
			return nil
		},
	}
}
