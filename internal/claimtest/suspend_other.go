//go:build !unix

package claimtest

import (
	"testing"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// Main does nothing here.
func Main(func() (dedupe.Store, error)) {}

// Suspend skips: no process can be stopped and go on.
func Suspend(t *testing.T, _ dedupe.Store, _ ...string) { t.Skip("no SIGSTOP here") }
