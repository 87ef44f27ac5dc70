package sqldedupe_test

import (
	"testing"

	"github.com/kirimhooks/kirimhooks/dedupe/sqldedupe"
	"github.com/kirimhooks/kirimhooks/internal/claimtest"
)

// edits are pairs of what stands in a statement and what shall.
type edits []string

const (
	take   = "(ends <= {now} or token = ? and done = 0)"
	commit = "(ends <= {now} or token = ?)"
	mine   = "dedupe_key = ? and token = ? and done = 0"
)

// Faults that statements could have are found on every database.
func TestEveryFaultIsFound(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.world(t)
		for _, fault := range []struct {
			failing, name string
			edits         edits
		}{
			{"ClaimIsExclusive", "a claim looks at nobody", edits{take, "? <> ''"}},
			{"ClaimIsExclusive", "any claim is a renewal", edits{take, "(? <> '' and done = 0)"}},
			{"CommitIsSeenByAll", "a claim takes a done key", edits{
				take, "(ends <= {now} or ? <> '' and done = 1)",
			}},
			{"CommitIsSeenByAll", "the committer may claim again", edits{take, "(ends <= {now} or token = ?)"}},
			{"ClaimIsExclusiveAfterTheLease", "a key that has ended stays", edits{
				take, "(token = ? and done = 0)",
			}},
			{"RenewalStartsTheLeaseAnew", "no renewal", edits{take, "(ends <= {now} or ? = '')"}},
			{"RenewalStartsTheLeaseAnew", "a renewal does not write", edits{
				"done = 0, ends = {now} + ?", "done = 0, ends = ends + 0 * ?",
			}},
			{"CommitByAStaleTokenIsRefused", "a commit looks at nobody", edits{commit, "? <> ''"}},
			{"CommitAfterTheLeaseCounts", "a commit needs its lease", edits{
				commit, "(ends > {now} and token = ?)",
			}},
			{"CommitIsSeenByAll", "a commit keeps the end of the lease", edits{
				"done = 1, ends = {now} + ?", "done = 1, ends = ends + 0 * ?",
			}},
			{"DoneKeysAreFreeAfterTheirTTL", "the ttl adds to the lease", edits{
				"done = 1, ends = {now} + ?", "done = 1, ends = ends + ?",
			}},
			{"ReleaseByAnotherChangesNothing", "a release looks at nobody", edits{
				mine, "dedupe_key = ? and ? <> '' and done = 0",
			}},
			{"ReleaseAfterCommitChangesNothing", "a release frees a done key", edits{
				mine, "dedupe_key = ? and token = ?",
			}},
			{"ReleaseFrees", "a release does nothing", edits{"set ends = 0", "set ends = ends"}},
			{"LeaseEnds", "the lease has no end", edits{"{now} + ?) {ignore}", "{now} + 1000 * ?) {ignore}"}},
			{"LeftIsTrue", "left is when the lease ends", edits{"ends - {now}", "ends"}},
		} {
			t.Run(fault.failing+"/"+fault.name, func(t *testing.T) {
				sqldedupe.Plant(t, w.Store, fault.edits...)
				claimtest.Finds(t, fault.failing, w.subject())
			})
		}
	})
}
