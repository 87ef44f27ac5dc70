//go:build unix

package pgstore_test

import (
	"syscall"
	"time"
)

// ownCPU is how long this process has run.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
