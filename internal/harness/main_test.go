//go:build unix

package harness_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/harness"
)

var (
	kills = flag.Int("kills", 12, "how many workers and databases each store's run kills")
	long  = flag.Bool("long", false, "kill 200 for each store")
	seed  = flag.Uint64("seed", 0, "of the order of the faults; 0 draws one")
)

func TestMain(m *testing.M) {
	harness.Work(append(slices.Collect(maps.Values(flaws)), sqlite, postgres)...)
	os.Exit(m.Run())
}

// crash carries out plan at the strength that the flags ask for and fails t on what it finds.
func crash(t *testing.T, plan harness.Plan) {
	plan.Kills = *kills
	if *long {
		plan.Kills = 200
	}
	report := carryOut(t, plan)
	require.GreaterOrEqual(t, report.Kills(), plan.Kills)
	acquit(t, report)
}

// acquit fails t if anything was found, and keeps the evidence then.
func acquit(t *testing.T, report *harness.Report) {
	t.Log(report)
	if len(report.Violations) == 0 {
		return
	}
	kept, err := os.CreateTemp("", "harness-evidence-*.json")
	require.NoError(t, err)
	require.NoError(t, json.NewEncoder(kept).Encode(report.Evidence))
	require.NoError(t, kept.Close())
	for _, v := range report.Violations[:min(20, len(report.Violations))] {
		t.Log(v)
	}
	t.Fatalf("%d violations; repeat with -seed %d; the evidence is in %s", len(report.Violations), report.Seed,
		kept.Name())
}

func carryOut(t *testing.T, plan harness.Plan) *harness.Report {
	plan.Seed = *seed
	if plan.Seed == 0 {
		plan.Seed = rand.Uint64()
	}
	plan.Dir = t.TempDir()
	plan.Workers = cmp.Or(plan.Workers, 4)
	plan.Lease = cmp.Or(plan.Lease, 2*time.Second)
	plan.Patience = cmp.Or(plan.Patience, time.Minute)
	fmt.Printf("%s: seed %d\n", t.Name(), plan.Seed)
	report, err := harness.Run(t.Context(), plan)
	if err != nil {
		logs(t, plan)
	}
	require.NoError(t, err, "repeat with -seed %d", plan.Seed)
	return report
}

// logs shows the end of what the workers complained about.
func logs(t *testing.T, plan harness.Plan) {
	for slot := range plan.Workers {
		text, _ := os.ReadFile(fmt.Sprintf("%s/slot%d.log", plan.Dir, slot))
		t.Logf("slot %d: …%s", slot, text[max(0, len(text)-3000):])
	}
}

// undisturbed lets nobody die: then nothing is lost sight of, and nothing is sent twice.
func undisturbed(t *testing.T, plan harness.Plan) {
	plan.Work = 2 * time.Second
	plan.Lease = 20 * time.Second // more than a busy machine takes
	report := carryOut(t, plan)
	acquit(t, report)
	require.Zero(t, report.Reclaims())
	require.Zero(t, report.Duplicates())
}
