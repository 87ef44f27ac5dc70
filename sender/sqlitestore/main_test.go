package sqlitestore_test

import (
	"os"
	"testing"
)

// TestMain lets the tests start this binary as a process of its own, to kill it.
func TestMain(m *testing.M) {
	if path := os.Getenv("SQLITESTORE_WORKER"); path != "" {
		work(path, os.Getenv("SQLITESTORE_NAME"))
		return
	}
	os.Exit(m.Run())
}
