package main

import (
	"context"
	"fmt"
)

// publishPostgres is the cost of handing an event over, durably, while nobody delivers.
func publishPostgres() measurement {
	return measurement{
		name: "publish-pg",
		what: "events published and on disk, nobody delivers",
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
				callers, quick, full int
				bound                float64
			}{{1, 800, 3000, 1.5}, {16, 3000, 15_000, 3}, {64, 4000, 20_000, 5}} {
				n := b.pick(load.quick, load.full)
				var contenders []contender
				for _, e := range field {
					contenders = append(contenders, e.publishes(n, load.callers))
				}
				fmt.Fprintf(b.out, "%d events from %d callers\n", n, load.callers)
				r, err := contest(ctx, b.out, b.rounds(), contenders...)
				if err != nil {
					return err
				}
				ratio := r.ratio(sample.rate, field[0].name, field[1].name)
				b.judge(atLeast(fmt.Sprintf("publish-pg-%d", load.callers), ratio, load.bound))
			}
			return nil
		},
	}
}
