package harness

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Report is what came of a run.
type Report struct {
	Seed       uint64
	Evidence   Evidence
	Violations []Violation
	Drained    time.Duration // from the calm to an empty backlog
	kills      tally         // SIGKILLs of workers and crashes of the database, by occasion
	faults     tally         // whatever else befell them
}

// Kills is how often a worker or the database was killed.
func (r *Report) Kills() int { return r.kills.total() }

// Reclaims is how many leases ran out unsettled, as the store's log has it.
func (r *Report) Reclaims() int {
	n := 0
	for i := range r.Evidence.History {
		n += r.Evidence.History[i].lapses()
	}
	return n
}

// Duplicates is how many requests were made beyond one for each attempt.
func (r *Report) Duplicates() int {
	return len(r.Evidence.Requests) - len(r.Evidence.requestsByAttempt())
}

// String sums the run up in a few lines.
func (r *Report) String() string {
	accepted, ambiguous, host := 0, 0, 0
	for _, p := range r.Evidence.Publications {
		switch {
		case p.Accepted:
			accepted++
		case !p.Withdrawn:
			ambiguous++
		}
		if p.Accepted && p.Host {
			host++
		}
	}
	ends, looped := map[sender.State]int{}, 0
	for i := range r.Evidence.History {
		h := &r.Evidence.History[i]
		ends[h.State]++
		if h.Reason == reasonCrashLoop {
			looped++
		}
	}
	return fmt.Sprintf("seed %d\n"+
		"%d kills: %v\n"+
		"other faults: %v\n"+
		"%d events accepted (%d of them in a host's transaction), %d ambiguous\n"+
		"%d deliveries: %v, %d of the dead in a crash loop\n"+
		"%d requests, %d of them duplicates; %d leases ran out\n"+
		"drained %v after it became calm; %d violations",
		r.Seed, r.Kills(), r.kills, r.faults, accepted, host, ambiguous, len(r.Evidence.History), ends, looped,
		len(r.Evidence.Requests), r.Duplicates(), r.Reclaims(), r.Drained.Round(time.Millisecond), len(r.Violations))
}

// tally counts occurrences by name.
type tally map[string]int

func (c tally) total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}

func (c tally) String() string {
	parts := make([]string, 0, len(c))
	for _, name := range slices.Sorted(maps.Keys(c)) {
		parts = append(parts, fmt.Sprintf("%d %s", c[name], name))
	}
	return strings.Join(parts, ", ")
}
