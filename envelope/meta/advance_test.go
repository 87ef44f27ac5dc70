package meta_test

import (
	"slices"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/stretchr/testify/require"
)

func TestAdvance(t *testing.T) {
	incoming := []string{"sent", "delivered", "read", "played", "failed", "deleted", ""}
	for current, want := range map[string][]string{ // "" = stale
		"":          {"sent", "delivered", "read", "played", "failed", "", ""},
		"sent":      {"", "delivered", "read", "played", "failed", "", ""},
		"delivered": {"", "", "read", "played", "", "", ""},
		"read":      {"", "", "", "played", "", "", ""},
		"played":    {"", "", "", "", "", "", ""},
		"failed":    {"", "", "", "", "", "", ""},
		"deleted":   {"sent", "delivered", "read", "played", "failed", "", ""},
	} {
		for i, status := range incoming {
			next, stale := meta.Advance(current, status)
			require.Equal(t, want[i] == "", stale, "%q then %q", current, status)
			if stale {
				require.Equal(t, current, next, "%q then %q", current, status)
			} else {
				require.Equal(t, status, next)
			}
		}
	}
}

// Whatever the order and the repetitions, the end is the same, as long as failed and delivered do not meet.
func TestAdvanceDoesNotDependOnOrder(t *testing.T) {
	for _, sequence := range sequences([]string{"sent", "delivered", "read", "played", "failed", "deleted"}, 5) {
		failed := slices.Contains(sequence, "failed")
		delivered := slices.ContainsFunc(sequence,
			func(s string) bool { return s == "delivered" || s == "read" || s == "played" })
		if failed && delivered {
			continue
		}
		want := ""
		for _, s := range []string{"sent", "delivered", "read", "played", "failed"} {
			if slices.Contains(sequence, s) {
				want = s
			}
		}
		got := ""
		for _, s := range sequence {
			got, _ = meta.Advance(got, s)
		}
		require.Equal(t, want, got, sequence)
	}
}

func sequences(of []string, length int) [][]string {
	all := [][]string{nil}
	for from := 0; length > 0; length-- {
		end := len(all)
		for _, s := range all[from:end] {
			for _, next := range of {
				all = append(all, append(slices.Clone(s), next))
			}
		}
		from = end
	}
	return all
}
