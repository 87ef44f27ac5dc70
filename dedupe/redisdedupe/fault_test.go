package redisdedupe_test

import (
	"testing"

	"github.com/kirimhooks/kirimhooks/dedupe/redisdedupe"
	"github.com/kirimhooks/kirimhooks/internal/claimtest"
)

// edits are pairs of what stands in a script and what shall.
type edits []string

// Faults that scripts could have are found on a real server.
func TestEveryFaultIsFound(t *testing.T) {
	for _, fault := range []struct {
		failing, name string
		edits         edits
	}{
		{"ClaimIsExclusive", "a claim looks at nobody", edits{
			"if not held or held == 'r' .. ARGV[1] then", "if true then",
		}},
		{"ClaimIsExclusive", "any claim is a renewal", edits{
			"held == 'r' .. ARGV[1] then", "string.sub(held, 1, 1) == 'r' then",
		}},
		{"CommitIsSeenByAll", "a claim takes a done key", edits{
			"if state == 'd' then return -1 end", "if state == 'd' then return 0 end",
		}},
		{"RenewalStartsTheLeaseAnew", "no renewal", edits{
			"if not held or held == 'r' .. ARGV[1] then", "if not held then",
		}},
		{"RenewalStartsTheLeaseAnew", "a renewal does not write", edits{
			"if not held or", "if held == 'r' .. ARGV[1] then return 0 end if not held or",
		}},
		{"CommitByAStaleTokenIsRefused", "a commit looks at nobody", edits{
			"then return 0 end\nredis", "then end\nredis",
		}},
		{"CommitMayBeRepeated", "a commit cannot be repeated", edits{
			"and held ~= 'd' .. ARGV[1] then", "then",
		}},
		{"CommitMayBeRepeated", "any commit is a repetition", edits{
			"held ~= 'd' .. ARGV[1]", "string.sub(held, 1, 1) ~= 'd'",
		}},
		{"CommitAfterTheLeaseCounts", "a commit needs its claim", edits{
			"if held and held", "if held",
		}},
		{"ReleaseByAnotherChangesNothing", "a release looks at nobody", edits{
			"if redis.call('GET', KEYS[1]) == 'r' .. ARGV[1] then", "if true then",
		}},
		{"ReleaseAfterCommitChangesNothing", "a release frees a done key", edits{
			"if redis.call('GET', KEYS[1]) ==", "if 'r' .. ARGV[1] ==",
		}},
		{"LeftIsTrue", "left is the lease of the asker", edits{
			"return math.max(left, 1)", "return tonumber(ARGV[2])",
		}},
		{"LeaseEnds", "the lease has no end", edits{
			"'r' .. ARGV[1], 'PX', ARGV[2]", "'r' .. ARGV[1]", "if left < 0", "if false",
		}},
		{"LeaseEnds", "the lease is in seconds", edits{
			"'PX'", "'EX'",
		}},
		{"DoneKeysAreFreeAfterTheirTTL", "a done key has no end", edits{
			"'d' .. ARGV[1], 'PX', ARGV[2]", "'d' .. ARGV[1]",
		}},
		{"CommitIsSeenByAll", "a commit keeps the end of the lease", edits{
			"'d' .. ARGV[1], 'PX', ARGV[2]", "'d' .. ARGV[1], 'KEEPTTL'",
		}},
	} {
		t.Run(fault.failing+"/"+fault.name, func(t *testing.T) {
			w := open(t)
			redisdedupe.Plant(t, fault.edits...)
			claimtest.Finds(t, fault.failing, w.subject())
		})
	}
}
