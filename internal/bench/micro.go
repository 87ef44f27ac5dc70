package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/pprof"
	"text/tabwriter"
	"time"
)

// microSpan is the least that one sample of a micro takes.
const microSpan = 50 * time.Millisecond

// micro is an operation on a body, so small that a sample is thousands of them.
type micro struct {
	name string
	op   func(body []byte) error
}

// repeat does the operation n times.
func (m micro) repeat(n int, body []byte) error {
	for range n {
		if err := m.op(body); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// calibrate returns how many operations fill a sample.
func (m micro) calibrate(body []byte) (int, error) {
	for n := 64; ; n *= 2 {
		began := time.Now()
		if err := m.repeat(n, body); err != nil {
			return 0, err
		}
		if took := time.Since(began); took > microSpan/8 {
			return int(float64(n)*float64(microSpan)/float64(took)) + 1, nil
		}
	}
}

// measure takes one sample and the allocations per operation.
func (m micro) measure(n int, body []byte) (s sample, allocs float64, err error) {
	runtime.GC() // nobody pays for what another has left
	// Pools are empty after that.
	if err := m.repeat(8, body); err != nil {
		return sample{}, 0, err
	}
	watch := start(nil)
	if err := m.repeat(n, body); err != nil {
		return sample{}, 0, err
	}
	s = watch.stop(n)
	var before, after runtime.MemStats
	some := n/8 + 1
	runtime.ReadMemStats(&before)
	err = m.repeat(some, body)
	runtime.ReadMemStats(&after)
	return s, float64(after.Mallocs-before.Mallocs) / float64(some), err
}

// microResults are the samples of a race. Allocations are the fewest per operation that each micro was seen with: what
// the runtime allocates at the same time is none of its own.
type microResults struct {
	standings
	allocs map[string]float64
}

// race runs the micros in turn, as contest does, and prints a table.
func race(ctx context.Context, w io.Writer, rounds int, body []byte, micros ...micro) (microResults, error) {
	r := microResults{standings{}, map[string]float64{}}
	counts := make([]int, len(micros))
	for i, m := range micros {
		n, err := m.calibrate(body)
		if err != nil {
			return r, err
		}
		counts[i] = n
	}
	for round := range rounds {
		for i, m := range micros {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			var s sample
			var allocs float64
			var err error
			pprof.Do(ctx, pprof.Labels("contender", m.name),
				func(context.Context) { s, allocs, err = m.measure(counts[i], body) })
			if err != nil {
				return r, err
			}
			r.standings[m.name] = append(r.standings[m.name], s)
			if round == 0 || allocs < r.allocs[m.name] {
				r.allocs[m.name] = allocs
			}
		}
	}
	r.print(w, micros)
	return r, nil
}

// cost of one operation in nanoseconds of CPU: the lowest over the rounds. What else runs on a machine takes caches and
// clock rate away and never gives any. So the lowest is nearest to the operation alone; a median moves with the
// neighbours.
func (r microResults) cost(name string) float64 { return 1000 * r.sorted(name, sample.cpuPerOp)[0] }

// times is how much more one costs than the other.
func (r microResults) times(of, to micro) float64 { return r.cost(of.name) / r.cost(to.name) }

func (r microResults) print(w io.Writer, micros []micro) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tCPU ns/op\tmedian\tallocs/op\tratio\t")
	for _, m := range micros {
		fmt.Fprintf(t, "%s\t%.5g\t%.5g\t%.3g\t%.2f\t\n", m.name, r.cost(m.name), 1000*r.median(m.name, sample.cpuPerOp),
			r.allocs[m.name], r.times(m, micros[0]))
	}
	t.Flush()
}
