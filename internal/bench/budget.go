package main

import (
	"fmt"
	"io"
)

// budget is a bound on one figure. Bounds are ratios within one run, so that they hold on any machine.
type budget struct {
	name     string
	measured float64
	bound    float64
	least    bool // the figure must reach the bound, not stay below it
}

func atMost(name string, measured, bound float64) budget { return budget{name, measured, bound, false} }

func atLeast(name string, measured, bound float64) budget {
	return budget{name, measured, bound, true}
}

func (b budget) ok() bool {
	if b.least {
		return b.measured >= b.bound
	}
	return b.measured <= b.bound
}

func (b budget) print(w io.Writer) {
	sign, verdict := "<=", "ok"
	if b.least {
		sign = ">="
	}
	if !b.ok() {
		verdict = "FALLS SHORT"
	}
	fmt.Fprintf(w, "BENCH %s=%.3g budget=%s%.3g %s\n", b.name, b.measured, sign, b.bound, verdict)
}
