package main

import (
	"context"
	"fmt"
	"io"
	"runtime/pprof"
	"slices"
	"text/tabwriter"
	"time"
)

// contender does the same work as the others of its case.
type contender struct {
	name string
	// run does the work once and says what it took. Whatever it needs besides stands ready before.
	run func(ctx context.Context) (sample, error)
}

// sample is what one run took.
type sample struct {
	ops  int
	wall time.Duration
	cpu  time.Duration // of this process, and of the database or cache that it uses; the far end is not counted
	// server is the part of cpu that is the database's or cache's.
	server time.Duration
	// p50 and p99 are the time from the publish to the arrival at the far end, where a case measures them.
	p50, p99 time.Duration
	missing  int // what never arrived
}

func (s sample) rate() float64 { return float64(s.ops) / s.wall.Seconds() }
func (s sample) cpuPerOp() float64 {
	return float64(s.cpu) / float64(time.Microsecond) / float64(s.ops)
}
func (s sample) serverPerOp() float64 {
	return float64(s.server) / float64(time.Microsecond) / float64(s.ops)
}
func (s sample) medianMs() float64 { return millis(s.p50) }
func (s sample) p99Ms() float64    { return millis(s.p99) }

// figure reads one number of a sample.
type figure func(sample) float64

// standings are the samples of a contest by contender.
type standings map[string][]sample

// contest runs the contenders in turn, A B A B, so that a slow minute of the machine is everybody's, and prints a
// table. It has the median, lowest and highest rate, and the rate as a ratio to that of the first. CPU is per
// operation, beside it what the server took of it.
func contest(ctx context.Context, w io.Writer, rounds int, contenders ...contender) (standings, error) {
	results := standings{}
	for range rounds {
		for _, c := range contenders {
			var s sample
			var err error
			// The label tells the contenders apart in a profile: go tool pprof -tagfocus.
			pprof.Do(ctx, pprof.Labels("contender", c.name), func(ctx context.Context) { s, err = c.run(ctx) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if s.ops == 0 || s.wall <= 0 {
				return nil, fmt.Errorf("%s: nothing was measured", c.name)
			}
			results[c.name] = append(results[c.name], s)
		}
	}
	results.print(w, contenders)
	return results, nil
}

func (r standings) print(w io.Writer, contenders []contender) {
	latencies := r.median(contenders[0].name, sample.p99Ms) > 0
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\tops/s\tmin\tmax\tCPU µs/op\tserver\tratio\t")
	if latencies {
		fmt.Fprint(t, "p50 ms\tp99 ms\tmissing\t")
	}
	fmt.Fprintln(t)
	for _, c := range contenders {
		rates := r.sorted(c.name, sample.rate)
		fmt.Fprintf(t, "%s\t%.5g\t%.5g\t%.5g\t%.4g\t%.3g\t%.2f\t", c.name, r.median(c.name, sample.rate), rates[0],
			rates[len(rates)-1],
			r.median(c.name, sample.cpuPerOp), r.median(c.name, sample.serverPerOp),
			r.ratio(sample.rate, c.name, contenders[0].name))
		if latencies {
			missing := func(s sample) float64 { return float64(s.missing) }
			fmt.Fprintf(t, "%.2f\t%.2f\t%.0f\t", r.median(c.name, sample.medianMs), r.median(c.name, sample.p99Ms),
				r.median(c.name, missing))
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

func (r standings) sorted(name string, f figure) []float64 {
	var values []float64
	for _, s := range r[name] {
		values = append(values, f(s))
	}
	slices.Sort(values)
	return values
}

func (r standings) median(name string, f figure) float64 { return median(r.sorted(name, f)) }

// ratio of a contender to another: the median over the rounds, each compared within itself.
func (r standings) ratio(f figure, of, to string) float64 {
	var ratios []float64
	for i := range r[of] {
		ratios = append(ratios, f(r[of][i])/f(r[to][i]))
	}
	slices.Sort(ratios)
	return median(ratios)
}

func median(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
