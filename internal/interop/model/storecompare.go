package model

import (
	"errors"
	"slices"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// compare demands that what can be read is what must be.
func (g *storeGame) compare() {
	for _, org := range orgs {
		list, err := g.store.Deliveries(g.ctx, sender.DeliveryQuery{Org: org, Limit: 10_000})
		g.ok(err)
		left := 0
		for _, d := range g.world.deliveries {
			if d.event.org == org {
				left++
			}
		}
		g.must(left == len(list), "%s has %d deliveries, not %d", org, len(list), left)
		for i := range list {
			g.must(i == 0 || !list[i].CreatedAt.After(list[i-1].CreatedAt), "the list of %s is not from new to old", org)
			g.compareDelivery(org, &list[i])
		}
		g.compareSubscriptions(org)
	}
}

func (g *storeGame) compareDelivery(org string, have *sender.Delivery) {
	d := g.world.byID[have.ID]
	g.must(d != nil && d.event.org == org, "a delivery of %s is listed in %s that should not exist there", have.EventID,
		org)
	from, by := "", ""
	if d.replayed != nil {
		from = d.replayed.id
	}
	for _, r := range g.world.deliveries {
		if r.replayed == d {
			by = r.id
		}
	}
	g.must(have.ReplayedBy == by, "%s reads as replayed by %q, not %q", d, have.ReplayedBy, by)
	g.must(!d.ending || d.state == sender.StateDelivered || have.Reason == sender.ReasonCancelled, "%s has the reason %q",
		d, have.Reason)
	// A lease of a deleted subscription may run out unnoticed until the next Purge.
	g.must(have.State == d.shown(), "%s reads as %s", d, have.State)
	g.must(have.Org == org && have.EventID == d.event.id && have.SubscriptionID == d.sub.id &&
		have.EventType == d.event.typ &&
		have.Attempt == d.attempt && have.Test == d.test && have.ReplayedFrom == from, "%s reads as %+v", d, have)
	if wait := have.NextAt.Sub(have.CreatedAt); d.token == "" && !d.finished() {
		g.must((wait-d.due.Sub(d.created)).Abs() <= drift, "%s is due %v after it was made and reads as due after %v", d,
			d.due.Sub(d.created), wait)
	} else if d.finished() || d.leased(g.now) {
		g.must(have.NextAt.IsZero(), "%s reads as due at %v", d, have.NextAt)
	}
	if !d.unread {
		return
	}
	d.unread = false
	log, err := g.store.Attempts(g.ctx, org, d.id)
	g.ok(err)
	attempts := make([]attempt, len(log))
	for i, a := range log {
		attempts[i] = attempt{a.N, a.StatusCode, a.ErrorClass}
	}
	g.must(slices.Equal(attempts, d.log), "the log of %s has %+v, not %+v", d, attempts, d.log)
	_, err = g.store.Attempts(g.ctx, orgs[1-slices.Index(orgs, org)], d.id)
	g.must(errors.Is(err, sender.ErrNotFound), "the other org's look at %s gives %v", d, err)
}

func (g *storeGame) compareSubscriptions(org string) {
	records, err := g.store.Subscriptions(g.ctx, driver.SubscriptionQuery{Org: org})
	g.ok(err)
	var have, want []string
	for _, r := range records {
		have = append(have, r.ID)
	}
	for _, s := range g.world.living() {
		if s.org != org {
			continue
		}
		want = append(want, s.id)
		i := slices.Index(have, s.id)
		g.must(i >= 0, "%s is not listed", s.name)
		r := &records[i]
		g.must(r.Status == s.status && r.Version == s.version, "%s reads as %s at version %d", s.name, r.Status, r.Version)
		g.must(s.sealedAs(r.Sealed), "%s reads with the secrets %+v", s.name, r.Sealed)
		g.must(r.Health.ConsecutiveDead == s.deads, "%s has %d dead in a row and reads as %d", s.name, s.deads,
			r.Health.ConsecutiveDead)
	}
	slices.Sort(want)
	g.must(slices.Equal(have, want), "%s has %v, not %v", org, have, want)
}

// page reads a list in pages and demands that they are the list.
func (g *storeGame) page() {
	q := sender.DeliveryQuery{Org: rapid.SampledFrom(orgs).Draw(g.T, "org")}
	if rapid.Bool().Draw(g.T, "of some states") {
		q.States = []sender.State{sender.StateHeld, sender.StateDead}
	}
	q.Limit = rapid.IntRange(1, 4).Draw(g.T, "limit")
	g.say("%s is read by %d, of states %v", q.Org, q.Limit, q.States)
	want := map[string]bool{}
	for _, d := range g.world.deliveries {
		if d.event.org == q.Org && (q.States == nil || slices.Contains(q.States, d.shown())) {
			want[d.id] = true
		}
	}
	for {
		list, err := g.store.Deliveries(g.ctx, q)
		g.ok(err)
		g.must(len(list) == min(q.Limit, len(want)), "a page has %d, and %d are left", len(list), len(want))
		for _, d := range list {
			g.must(want[d.ID], "%s is in a page, twice or wrongly", g.world.byID[d.ID])
			delete(want, d.ID)
			q.After = d.ID
		}
		if len(list) < q.Limit {
			return
		}
	}
}
