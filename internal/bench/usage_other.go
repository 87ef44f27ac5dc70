//go:build !unix

package main

import "time"

// cpuSelf is not known here: figures of CPU are zero, and budgets on them mean nothing.
func cpuSelf() time.Duration { return 0 }
