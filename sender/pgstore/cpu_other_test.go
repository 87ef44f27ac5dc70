//go:build !unix

package pgstore_test

import "time"

// ownCPU is not known here.
func ownCPU() time.Duration { return 0 }
