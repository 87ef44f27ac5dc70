package main

import (
	"context"
	"fmt"
)

// sustainPostgres publishes and delivers at once, as a sender does all day.
func sustainPostgres() measurement {
	return measurement{
		name: "sustain-pg",
		what: fmt.Sprintf("events published and delivered at the same time, %d workers", drainWorkers),
		run: func(ctx context.Context, b *bench) error {
			far, err := startSink(ctx)
			if err != nil {
				return err
			}
			defer far.stop()
			field, err := b.field(ctx, far, drainWorkers)
			if err != nil {
				return err
			}
			for _, load := range []struct {
				name, what string
				publish    publishing
				n          int
				bound      float64
			}{
				{"batches", "batches of 100", inBatches(100), b.pick(5000, 30_000), 2.5},
				{"single", "64 callers", singly(64), b.pick(2500, 15_000), 4},
			} {
				var contenders []contender
				for _, e := range field {
					contenders = append(contenders, e.sustains(load.n, load.publish))
				}
				fmt.Fprintf(b.out, "%d events, %s\n", load.n, load.what)
				r, err := contest(ctx, b.out, b.rounds(), contenders...)
				if err != nil {
					return err
				}
				ratio := r.ratio(sample.rate, field[0].name, field[1].name)
				b.judge(atLeast("sustain-pg-"+load.name, ratio, load.bound))
			}
			return nil
		},
	}
}
