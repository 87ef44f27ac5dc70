package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"
)

const (
	noisyWorkers = 100
	healthyRate  = 200  // events a second to healthy endpoints
	standing     = 2000 // events that wait for hanging endpoints before all others
)

// noisy is the case a webhook sender must win: most endpoints are fine, some hang for the full time-out.
func noisy() measurement {
	return measurement{
		name: "noisy",
		what: fmt.Sprintf("%d workers, %d events/s to healthy endpoints while others hang for 10 s, with %d events waiting for these; "+
			"publish to arrival at the healthy ones", noisyWorkers, healthyRate, standing),
		run: noises,
	}
}

func noises(ctx context.Context, b *bench) error {
	far, err := startSink(ctx)
	if err != nil {
		return err
	}
	defer far.stop()
	span := time.Duration(b.pick(11, 25)) * time.Second
	t := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\thanging\tsent\tmissing\tp50 ms\tp99 ms\tmax ms\t")
	var budgets []budget
	quiet := map[string]time.Duration{}
	for _, n := range []noise{{"none", 0}, {"20 %", 5}, {"50 %", 2}} {
		if n.every > 0 {
			if _, err := far.arrivals(); err != nil {
				return err
			}
		}
		field, err := b.neighbourhood(ctx, n.around(far))
		if err != nil {
			return err
		}
		for i, e := range field {
			peer := i >= 2
			if peer && b.quick && n.every != 5 {
				continue // all that a quick run has time for
			}
			h, err := n.hear(ctx, far, e, span)
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%.2f\t%.2f\t%.2f\t\n", e.name, n.name, h.sent, h.missing, millis(h.p50),
				millis(h.p99), millis(h.max))
			if n.every == 0 {
				quiet[e.name] = h.p99
			} else if !peer {
				budgets = append(budgets, h.judge(fmt.Sprintf("noisy-%d-%s", 100/n.every, [...]string{"mem", "pg"}[i]),
					quiet[e.name])...)
			}
		}
	}
	t.Flush()
	b.judge(budgets...)
	return nil
}

// neighbourhood is who takes part: ours in memory, and all that deliver-pg has.
func (b *bench) neighbourhood(ctx context.Context, far *sink) ([]entrant, error) {
	field, err := b.field(ctx, far, noisyWorkers)
	if err != nil {
		return nil, err
	}
	field[0].name += ", Postgres"
	return append([]entrant{entry("kirimhooks, memory", far, noisyWorkers, nil, openMemory)}, field...), nil
}

// noise is how many of the endpoints hang: every so many-th, beginning with the first; none if 0.
type noise struct {
	name  string
	every int
}

func (n noise) around(far *sink) *sink {
	if n.every == 0 {
		return far
	}
	return far.with(func(endpoint int) string {
		if endpoint%n.every == 0 {
			return "/hang/"
		}
		return "/ok/"
	})
}

// heard is what the healthy endpoints saw.
type heard struct {
	sent, missing int
	p50, p99, max time.Duration
}

// judge compares with the p99 when nothing hangs.
func (h heard) judge(name string, quiet time.Duration) []budget {
	return []budget{
		atMost(name+"-missing", float64(h.missing), 0),
		atMost(name+"-p99", float64(h.p99)/float64(quiet), 2),
		atMost(name+"-p50-ms", millis(h.p50), 5),
		atMost(name+"-p99-ms", millis(h.p99), 50),
	}
}

// hear lets e deliver for a span.
func (n noise) hear(ctx context.Context, far *sink, e entrant, span time.Duration) (heard, error) {
	s, done, err := e.open(ctx)
	if err != nil {
		return heard{}, err
	}
	defer done()
	if n.every > 0 {
		if err := each(standing, 64, func(i int) error { return s.put(ctx, i*n.every) }); err != nil {
			return heard{}, err
		}
	}
	running, stopAll := context.WithCancel(ctx)
	defer stopAll()
	stop, err := s.run(running)
	if err != nil {
		return heard{}, err
	}
	h, err := n.listen(ctx, far, s, span)
	stopAll() // what hangs need not end in peace
	stop()
	return h, err
}

// listen publishes and collects what arrives. The first second is to warm up.
func (n noise) listen(ctx context.Context, far *sink, s system, span time.Duration) (h heard, err error) {
	rate, healthy := healthyRate, func(events int) int { return events }
	if n.every > 0 {
		rate = healthyRate * n.every / (n.every - 1)
		healthy = func(events int) int { return events - events/n.every }
	}
	warm, events := rate/subscriptions*subscriptions, int(span.Seconds())*rate/subscriptions*subscriptions
	if err := atPace(rate)(ctx, s, 0, warm); err != nil {
		return h, err
	}
	if _, err := far.gather(healthy(warm)); err != nil {
		return h, err
	}
	if err := atPace(rate)(ctx, s, 0, events); err != nil {
		return h, err
	}
	h.sent = healthy(events)
	arrived, err := far.gather(h.sent)
	h.missing = h.sent - len(arrived)
	h.p50, h.p99, h.max = quantile(arrived, 0.5), quantile(arrived, 0.99), quantile(arrived, 1)
	return h, err
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
