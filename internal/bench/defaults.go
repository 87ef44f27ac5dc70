package main

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kirimhooks/kirimhooks/sender"
)

// defaults shows what one loses who sets nothing.
func defaults() measurement {
	return measurement{
		name: "defaults",
		what: "drain of a backlog on Postgres: the zero Config and a pool as pgxpool.New makes it, beside the settings of deliver-pg",
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
			n := b.pick(8000, 30_000)
			tuned := pg.ours(far, drainWorkers).drains(n)
			tuned.name = "tuned"
			plain := drain("zero Config", far, subscriptions, n, sender.Config{}, pg.cpu, pg.openPlain)
			r, err := contest(ctx, b.out, b.rounds(), tuned, plain)
			if err != nil {
				return err
			}
			b.judge(atLeast("defaults", r.ratio(sample.rate, plain.name, tuned.name), 0.8))
			return nil
		},
	}
}

// openPlain is open with a pool that nobody has set up.
func (p *postgres) openPlain(ctx context.Context) (sender.Store, func(), error) {
	pool, err := pgxpool.New(ctx, p.dsn)
	if err != nil {
		return nil, nil, err
	}
	store, err := p.store(ctx, pool, "ours")
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return store, pool.Close, nil
}
