package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// perSecond is the load under which a sender idles most of the time.
const perSecond = 50

// latencyPostgres is how long an event takes to its endpoint when there is little to do.
func latencyPostgres() measurement {
	return measurement{
		name: "latency-pg",
		what: fmt.Sprintf("publish to arrival at %d events/s", perSecond),
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
			pg, err := b.postgres()
			if err != nil {
				return err
			}
			n := b.pick(100, 500)
			var contenders []contender
			for _, e := range field {
				contenders = append(contenders, e.arrives(far, n))
			}
			commit := pg.commits("one row, same pace", n, time.Second/perSecond)
			contenders = append(contenders, commit, pg.commits("one row, no pause", 20*n, 0))
			r, err := contest(ctx, b.out, b.rounds(), contenders...)
			if err != nil {
				return err
			}
			us, river := field[0].name, field[1].name
			b.judge(
				atMost("latency-pg-p50", r.ratio(sample.medianMs, us, river), 0.3),
				atMost("latency-pg-p99", r.ratio(sample.p99Ms, us, river), 0.3),
				atMost("latency-pg-commit", r.ratio(sample.medianMs, us, commit.name), 2.5),
			)
			return nil
		},
	}
}

// arrives is the time from publish to arrival of n events at a steady pace.
func (e entrant) arrives(far *sink, n int) contender {
	return contender{name: e.name, run: func(ctx context.Context) (sample, error) {
		s, done, err := e.open(ctx)
		if err != nil {
			return sample{}, err
		}
		defer done()
		return e.during(ctx, s, func() (sample, error) {
			if err := cycle(ctx, s, 0, 2*subscriptions, singly(1)); err != nil {
				return sample{}, err
			}
			if _, err := far.arrivals(); err != nil { // those were to warm up
				return sample{}, err
			}
			watch := start(e.cpu)
			if err := cycle(ctx, s, 0, n, atPace(perSecond)); err != nil {
				return sample{}, err
			}
			result := watch.stop(n)
			arrived, err := far.arrivals()
			result.p50, result.p99 = quantile(arrived, 0.5), quantile(arrived, 0.99)
			result.missing = n - len(arrived)
			return result, err
		})
	}}
}

// atPace publishes so many events a second. One that takes long does not put off the next.
func atPace(perSecond int) publishing {
	return func(ctx context.Context, s system, first, n int) error {
		errs := make(chan error, n)
		began := time.Now()
		for i := range n {
			select {
			case <-time.After(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(perSecond)))):
			case <-ctx.Done():
				return ctx.Err()
			}
			go func() { errs <- s.put(ctx, first+i) }()
		}
		for range n {
			if err := <-errs; err != nil {
				return err
			}
		}
		return nil
	}
}

// commits is what none can beat: the time of inserting one row of 1 KiB. At the pace of this case it is more than
// without a pause, as a machine that idles in between has to wake up.
func (p *postgres) commits(name string, n int, pace time.Duration) contender {
	return contender{name: name, run: func(ctx context.Context) (sample, error) {
		pool, err := p.pool(ctx)
		if err != nil {
			return sample{}, err
		}
		defer pool.Close()
		const table = `drop table if exists bench_row; create table bench_row (id bigserial primary key, body bytea not null)`
		if _, err := pool.Exec(ctx, table); err != nil {
			return sample{}, err
		}
		body := make([]byte, 1024)
		const warm = 20
		var took []time.Duration
		watch := start(p.cpu)
		for i := range warm + n {
			if i == warm {
				watch = start(p.cpu)
			}
			time.Sleep(time.Until(watch.began.Add(time.Duration(i-warm) * pace)))
			began := time.Now()
			if _, err := pool.Exec(ctx, `insert into bench_row (body) values ($1)`, body); err != nil {
				return sample{}, err
			}
			took = append(took, time.Since(began))
		}
		result := watch.stop(n)
		took = took[warm:]
		slices.Sort(took)
		result.p50, result.p99 = quantile(took, 0.5), quantile(took, 0.99)
		return result, nil
	}}
}
