package harness

import (
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender"
)

// unrecorded: a request belongs to a claim, and a claim ends in the log: with its outcome, also a stale one, or with an
// attempt of unknown result once its lease has run out. So for each number there are at most as many requests as rows,
// and whatever was sent twice shows why.
func unrecorded(e *Evidence, complain complaint) {
	histories := e.historyByID()
	for k, requests := range e.requestsByAttempt() {
		h := histories[k.delivery]
		if h == nil {
			continue // unexpectedRequest says so
		}
		if rows := h.nth(k.attempt); len(requests) > len(rows) {
			complain("delivery %s attempt %d: %d requests, %d in the log", k.delivery, k.attempt, len(requests), len(rows))
		}
	}
}

// overspent: nothing is sent without a claim, and at most once with it.
func overspent(e *Evidence, complain complaint) {
	type holder struct{ worker, delivery string }
	claims, requests := map[holder]int{}, map[holder]int{}
	for _, c := range e.Claims {
		claims[holder{c.Worker, c.DeliveryID}]++
	}
	for _, r := range e.Requests {
		requests[holder{r.Worker, r.DeliveryID}]++
	}
	for h, n := range requests {
		if n > claims[h] {
			complain("worker %s had %d claims of delivery %s and made %d requests", h.worker, claims[h], h.delivery, n)
		}
	}
}

// falseAnswer: an answer in the log was given, to that very attempt and as often as the log says.
func falseAnswer(e *Evidence, complain complaint) {
	requests := e.requestsByAttempt()
	type answer struct{ attempt, status int }
	for i := range e.History {
		h := &e.History[i]
		logged := map[answer]int{}
		for _, a := range h.Attempts {
			if a.StatusCode != 0 {
				logged[answer{a.N, a.StatusCode}]++
			}
		}
		for a, n := range logged {
			given := 0
			for _, r := range requests[requestKey{h.ID, a.attempt}] {
				if r.Status == a.status {
					given++
				}
			}
			if n > given {
				complain("delivery %s attempt %d: the log has %d answers of status %d, the endpoint gave %d", h.ID, a.attempt, n,
					a.status, given)
			}
		}
	}
}

// overBudget: no more attempts than the schedule has, numbered without a gap.
func overBudget(e *Evidence, complain complaint) {
	most := len(e.Rules.Waits) + 1
	known := func(a sender.Attempt) bool { return a.ErrorClass != sender.ClassUnknown }
	for i := range e.History {
		h := &e.History[i]
		if h.Attempt > most {
			complain("delivery %s made %d attempts, the schedule has %d", h.ID, h.Attempt, most)
		}
		for n := 1; n <= h.Attempt; n++ {
			if !slices.ContainsFunc(h.nth(n), known) {
				complain("delivery %s stands at attempt %d, but number %d is not in the log", h.ID, h.Attempt, n)
			}
		}
		for _, a := range h.Attempts {
			if a.N < 1 || a.N > most {
				complain("delivery %s has an attempt numbered %d, the schedule has %d", h.ID, a.N, most)
			}
		}
	}
}

// reasonCrashLoop is what the log says of a delivery that outlived too many leases.
const reasonCrashLoop = "crash_loop"

// causeless: a delivery dies of its last attempt, of an answer that is final, or of the crashes of our own processes.
func causeless(e *Evidence, complain complaint) {
	permanent := func(a sender.Attempt) bool {
		return a.StatusCode >= 400 && a.StatusCode < 500 && a.StatusCode != 408 && a.StatusCode != 429
	}
	for i := range e.History {
		h := &e.History[i]
		if h.State == sender.StateCancelled {
			complain("delivery %s is cancelled, and no subscription was removed: %s", h.ID, h.Reason)
		}
		if h.State != sender.StateDead {
			continue
		}
		switch {
		case h.Reason == reasonCrashLoop && h.lapses() > e.Rules.MaxLapses:
		case strings.HasPrefix(h.Reason, "exhausted") && h.Attempt == len(e.Rules.Waits)+1:
		case slices.ContainsFunc(h.nth(h.Attempt), permanent):
		default:
			complain("delivery %s died of %q after %d attempts and %d lapses", h.ID, h.Reason, h.Attempt, h.lapses())
		}
	}
}
