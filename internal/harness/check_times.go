package harness

import (
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// early: nothing arrives before it was published, and no attempt before the one before it was settled and its wait
// over.
func early(e *Evidence, complain complaint) {
	published := map[string]time.Time{}
	for _, p := range e.Publications {
		published[p.ID] = p.At
	}
	histories := e.historyByID()
	for _, r := range e.Requests {
		arrived := r.At.Add(e.Rules.Tick)
		if at, known := published[r.EventID]; known && arrived.Before(at) {
			complain("event %s arrived %v before it was published", r.EventID, at.Sub(r.At))
		}
		h := histories[r.DeliveryID]
		if h == nil || r.Attempt < 2 || r.Attempt > len(e.Rules.Waits)+1 {
			continue // other checks say so
		}
		if due, known := e.due(h, r.Attempt); known && arrived.Before(due) {
			complain("delivery %s attempt %d arrived %v before it was due", r.DeliveryID, r.Attempt, due.Sub(r.At))
		}
	}
}

// due is the earliest moment at which attempt n may be made. Attempt.At is the store's clock at the settlement less the
// duration. Of several attempts of one number, the one that counted may be any.
func (e *Evidence) due(h *History, n int) (due time.Time, known bool) {
	for _, a := range h.nth(n - 1) {
		at := a.At.Add(a.Duration + e.Rules.Waits[n-2])
		if a.ErrorClass != sender.ClassUnknown && (!known || at.Before(due)) {
			due, known = at, true
		}
	}
	return due, known
}

// overlapping: of two claims of one delivery, one was settled or had run out before the other was given. Tokens are
// never used twice for one delivery.
func overlapping(e *Evidence, complain complaint) {
	e.eachPair(func(a, b *Claim) {
		switch {
		case a.Token == b.Token:
			complain("delivery %s: token %s was given to %s and to %s", a.DeliveryID, a.Token, a.Worker, b.Worker)
		case !e.mayPrecede(a, b) && !e.mayPrecede(b, a):
			complain("delivery %s: %s and %s held it at once", a.DeliveryID, a.Worker, b.Worker)
		}
	})
}

// eachPair calls f once with each two claims of one delivery, in any order.
func (e *Evidence) eachPair(f func(a, b *Claim)) {
	byDelivery := map[string][]*Claim{}
	for i := range e.Claims {
		c := &e.Claims[i]
		byDelivery[c.DeliveryID] = append(byDelivery[c.DeliveryID], c)
	}
	for _, claims := range byDelivery {
		for i, a := range claims {
			for _, b := range claims[i+1:] {
				f(a, b)
			}
		}
	}
}

// staleOutcome: an outcome that first came to the store when somebody else had been given the delivery does not apply.
func staleOutcome(e *Evidence, complain complaint) {
	stale := func(a, b *Claim) {
		if a.Applied && !b.Asked.Before(a.Got) && a.Settled.After(b.Got.Add(e.Rules.Tick)) {
			complain("delivery %s: the outcome of %s applied %v after %s had taken over", a.DeliveryID, a.Worker,
				a.Settled.Sub(b.Got), b.Worker)
		}
	}
	e.eachPair(func(a, b *Claim) {
		stale(a, b)
		stale(b, a)
	})
}

// mayPrecede reports whether a can have ended before b began.
func (e *Evidence) mayPrecede(a, b *Claim) bool {
	latest := b.Got.Add(e.Rules.Tick)
	settled := !a.Settled.IsZero() && !latest.Before(a.Settled)
	ranOut := !latest.Before(a.Asked.Add(e.Rules.Lease))
	return settled || ranOut
}

// claimedWhilePaused: a claim that began after Pause had returned, and was there before Resume was called, cannot be.
func claimedWhilePaused(e *Evidence, complain complaint) {
	pauses := map[string][]Pause{}
	for _, p := range e.Pauses {
		pauses[p.Subscription] = append(pauses[p.Subscription], p)
	}
	histories := e.historyByID()
	for _, c := range e.Claims {
		h := histories[c.DeliveryID]
		if h == nil {
			continue // other checks say so, if it came to a request
		}
		for _, p := range pauses[h.SubscriptionID] {
			if c.Asked.After(p.From) && c.Got.Before(p.To) {
				complain("delivery %s was claimed %v after its subscription %s had been paused", c.DeliveryID, c.Asked.Sub(p.From),
					p.Subscription)
			}
		}
	}
}

// afterTheEnd: what has ended is not claimed again, and what arrives then was claimed before that, by a worker that did
// not know.
func afterTheEnd(e *Evidence, complain complaint) {
	again := func(a, b *Claim) {
		if a.Ended && b.Asked.After(a.Told) {
			complain("delivery %s was claimed by %s %v after %s had been told that it ended", a.DeliveryID, b.Worker,
				b.Asked.Sub(a.Told), a.Worker)
		}
	}
	e.eachPair(func(a, b *Claim) {
		again(a, b)
		again(b, a)
	})
	type holder struct{ worker, delivery string }
	first := map[holder]time.Time{}
	for _, c := range e.Claims {
		k := holder{c.Worker, c.DeliveryID}
		if at, known := first[k]; !known || c.Asked.Before(at) {
			first[k] = c.Asked
		}
	}
	histories := e.historyByID()
	for _, r := range e.Requests {
		h := histories[r.DeliveryID]
		if h == nil || !h.terminal() || !r.At.After(h.FinishedAt.Add(e.Rules.Tick)) {
			continue
		}
		if claimed, known := first[holder{r.Worker, r.DeliveryID}]; !known || claimed.After(h.FinishedAt) {
			complain("delivery %s was sent %v after it had ended", r.DeliveryID, r.At.Sub(h.FinishedAt))
		}
	}
}
