// Package tally keeps suites of others honest: one that shrinks, or silently runs nothing, fails.
package tally

import "testing"

// Ran logs how many cases ran, which go test -v shows, and fails t if they were fewer than least, or none.
func Ran(t testing.TB, cases, least int) {
	t.Helper()
	if cases < max(1, least) {
		t.Fatalf("only %d outside cases ran, at least %d are known", cases, max(1, least))
	}
	t.Logf("%d outside cases", cases)
}
