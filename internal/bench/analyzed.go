package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// emptyAnalyzed is a trap for queues in a database: statistics that were taken while the tables were empty make the
// planner choose plans that are ruinous once there is work.
func emptyAnalyzed() measurement {
	return measurement{
		name: "empty-analyzed",
		what: "events published and delivered at the same time, after VACUUM ANALYZE of the empty tables",
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
			const n = 15_000
			usual := pg.ours(far, drainWorkers)
			analyzed := pg.analyzed(usual, "ours")
			r, err := contest(ctx, b.out, b.rounds(), usual.sustains(n, inBatches(100)), analyzed.sustains(n, inBatches(100)))
			if err != nil {
				return err
			}
			b.judge(atLeast("empty-analyzed", r.ratio(sample.rate, analyzed.name, usual.name), 0.9))
			return nil
		},
	}
}

// analyzed is e with VACUUM ANALYZE of its tables before the first event.
func (p *postgres) analyzed(e entrant, schema string) entrant {
	open := e.open
	e.name += ", analyzed"
	e.open = func(ctx context.Context) (system, func(), error) {
		s, done, err := open(ctx)
		if err != nil {
			return nil, nil, err
		}
		if err := p.analyze(ctx, schema); err != nil {
			done()
			return nil, nil, err
		}
		return s, done, nil
	}
	return e
}

func (p *postgres) analyze(ctx context.Context, schema string) error {
	pool, err := p.pool(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	rows, err := pool.Query(ctx, `select tablename from pg_tables where schemaname = $1`, schema)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	if len(tables) == 0 {
		return fmt.Errorf("schema %s has no tables", schema)
	}
	for _, table := range tables {
		if _, err := pool.Exec(ctx, "vacuum analyze "+pgx.Identifier{schema, table}.Sanitize()); err != nil {
			return err
		}
	}
	return nil
}
