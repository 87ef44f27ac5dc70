package main

import (
	"context"
	"fmt"
	"time"
)

const (
	scaleSchema  = "scale"
	scaleWorkers = 16 // of one process: with endpoints that take 20 ms, four such processes leave CPU free
)

// scale is how much more several processes deliver than one.
func scale() measurement {
	return measurement{
		name: "scale",
		what: fmt.Sprintf("drain of a backlog by processes of %d workers each on one Postgres; endpoints take %v",
			scaleWorkers, slowness),
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
			var contenders []contender
			for _, processes := range []int{1, 2, 4} {
				contenders = append(contenders, pg.crew(far, processes, processes*b.pick(1500, 5000)))
			}
			r, err := contest(ctx, b.out, b.rounds(), contenders...)
			if err != nil {
				return err
			}
			for i, times := range []float64{2, 4} {
				ratio := r.ratio(sample.rate, contenders[i+1].name, contenders[0].name)
				b.judge(atLeast(fmt.Sprintf("scale-%.0f", times), ratio/times, 0.9))
			}
			return nil
		},
	}
}

// crew is so many processes that work on a backlog of n. The beginning and the end, when not all are busy, are left
// out.
func (p *postgres) crew(far *sink, processes, n int) contender {
	return contender{name: fmt.Sprintf("%d processes", processes), run: func(ctx context.Context) (sample, error) {
		store, done, err := p.openIn(ctx, scaleSchema)
		if err != nil {
			return sample{}, err
		}
		defer done()
		r, err := newRig(ctx, setup{
			store: store, subscriptions: subscriptions, far: far.with(func(int) string { return "/slow/" }),
		})
		if err != nil {
			return sample{}, err
		}
		if err := r.publish(ctx, n, 256); err != nil {
			return sample{}, err
		}
		var workers []*child
		defer func() {
			for _, w := range workers {
				w.stop()
			}
		}()
		for range processes {
			w, err := spawn(ctx, workerCommand, p.dsn)
			if err != nil {
				return sample{}, err
			}
			workers = append(workers, w)
		}
		return far.middle(n, func() time.Duration {
			total := p.cpu()
			for _, w := range workers {
				total += cpuOf(w.cmd.Process.Pid)
			}
			return total
		})
	}}
}

// middle is the time from the arrival of a third of n to that of nine tenths.
func (s *sink) middle(n int, cpu func() time.Duration) (sample, error) {
	var watch *stopwatch
	arrived, first := 0, 0
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		some, err := s.arrivals()
		if err != nil {
			return sample{}, err
		}
		switch arrived += len(some); {
		case watch == nil && arrived >= n/3:
			watch, first = start(cpu), arrived
		case watch != nil && arrived >= n*9/10:
			result := watch.stop(arrived - first)
			_, err := s.gather(n - arrived)
			return result, err
		}
	}
	return sample{}, fmt.Errorf("after %v %d of %d have arrived", patience, arrived, n)
}
