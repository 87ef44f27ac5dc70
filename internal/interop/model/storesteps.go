package model

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func (g *storeGame) request() *driver.ClaimRequest {
	r := &driver.ClaimRequest{
		Worker: "w", Limit: rapid.IntRange(1, 8).Draw(g.T, "limit"),
		PerSubscription: rapid.IntRange(1, 4).Draw(g.T, "per subscription"),
		Lease:           rapid.SampledFrom(periods).Draw(g.T, "lease"),
	}
	for _, s := range g.world.living() {
		if rapid.IntRange(0, 3).Draw(g.T, "listed") == 0 {
			if r.Quota == nil {
				r.Quota = map[string]int{}
			}
			r.Quota[s.id] = rapid.IntRange(0, 2).Draw(g.T, "quota")
		}
	}
	return r
}

func asText(r *driver.ClaimRequest) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("; claiming %d, %d each, %v, for %v", r.Limit, r.PerSubscription, r.Quota, r.Lease)
}

// claimable says whether a Claim may take d now.
func (g *storeGame) claimable(d *delivery) bool {
	return !d.finished() && !d.sub.gone && !d.leased(g.now) && (d.token != "" || !d.due.After(g.now)) &&
		(d.test || d.sub.status == sender.StatusActive)
}

// claimed judges claims and takes them into the world.
func (g *storeGame) claimed(r *driver.ClaimRequest, claims []driver.Claim, fits func(*delivery) bool) {
	counts, ordinary := map[string]int{}, 0
	fresh := map[string]bool{}
	for i := range claims {
		c := &claims[i]
		d := g.world.byID[c.Delivery.ID]
		g.must(d != nil, "a delivery of %s was claimed that should not exist", c.Delivery.EventID)
		g.must(fits(d) && g.claimable(d), "%s was claimed and must not be", d)
		g.must(!g.tokens[c.Token] || fresh[c.Token], "the token of %s was given out before", d)
		g.tokens[c.Token], fresh[c.Token] = true, true
		if d.token != "" {
			d.lapses++
			d.logged(attempt{n: d.attempt + 1, class: sender.ClassUnknown})
		}
		g.must(c.Lapses == d.lapses && c.Delivery.Attempt == d.attempt, "%s was claimed with %d lapses after %d attempts", d,
			c.Lapses, c.Delivery.Attempt)
		g.must(string(c.Event.Event.Body) == string(d.event.body), "%s was claimed with other bytes", d)
		g.must(c.Event.Org == d.event.org && c.Event.Event.ID == d.event.id, "%s was claimed with the event %s of %s", d,
			c.Event.Event.ID, c.Event.Org)
		g.must(c.Subscription.ID == d.sub.id && c.Subscription.Version == d.sub.version,
			"%s was claimed with %s at version %d", d, c.Subscription.ID, c.Subscription.Version)
		g.must(d.sub.sealedAs(c.Subscription.Sealed), "%s was claimed with the secrets %+v", d, c.Subscription.Sealed)
		d.token, d.until = c.Token, g.now.Add(r.Lease)
		g.held = append(g.held, &hold{d: d, claim: *c})
		if d.test { // leased at birth whatever the limits
			continue
		}
		ordinary++
		counts[d.sub.id]++
		quota, listed := r.Quota[d.sub.id]
		if !listed {
			quota = r.PerSubscription
		}
		g.must(counts[d.sub.id] <= quota, "%d deliveries of %s were claimed", counts[d.sub.id], d.sub.name)
	}
	g.must(ordinary <= r.Limit, "%d deliveries were claimed", len(claims))
}

func anyDelivery(*delivery) bool { return true }

func (g *storeGame) claim() { g.claimWith(g.request()) }

func (g *storeGame) claimWith(r *driver.ClaimRequest) int {
	g.say("claim%s", asText(r))
	c, err := g.store.Claim(g.ctx, *r)
	g.ok(err)
	g.must(len(c.Claims) <= r.Limit, "%d deliveries were claimed", len(c.Claims))
	g.claimed(r, c.Claims, anyDelivery)
	if len(c.Claims) < r.Limit && !c.More {
		g.nextDue(c.NextDue)
	}
	return len(c.Claims)
}

// nextDue demands that nobody who sleeps for so long is late.
func (g *storeGame) nextDue(have time.Duration) {
	for _, d := range g.world.deliveries {
		if d.finished() || d.sub.gone || !d.test && d.sub.status != sender.StatusActive {
			continue
		}
		at := d.due
		if d.token != "" {
			if at = d.until; g.liberties.LeasesUnforeseen {
				continue
			}
		}
		if wait := at.Sub(g.now); wait > 0 {
			g.must(have > 0 && have <= wait+drift, "%s is due in %v, and NextDue says %v", d, wait, have)
		}
	}
}

// drain claims until there is nothing left, and demands that nothing is.
func (g *storeGame) drain() {
	r := &driver.ClaimRequest{Worker: "w", Limit: 5, PerSubscription: 3, Lease: time.Minute}
	for idle := 0; idle < 3; {
		if g.claimWith(r) == 0 {
			idle++
		} else {
			idle = 0
		}
	}
	for _, d := range g.world.deliveries {
		g.must(!g.claimable(d), "%s can be claimed and is not", d)
	}
}

// settle lets the worker of one claim, live or long lost, say what became of it.
func (g *storeGame) settle() {
	if len(g.held) == 0 {
		g.SkipNow()
	}
	// The late ones are interesting, the latest more so.
	back := rapid.IntRange(0, min(len(g.held), 6)-1).Draw(g.T, "claims ago")
	h := g.held[len(g.held)-1-back]
	if h.outcome != nil || h.d.vague {
		g.SkipNow()
	}
	o := driver.Outcome{State: rapid.SampledFrom([]sender.State{sender.StatePending, sender.StateDelivered,
		sender.StateDead}).Draw(g.T, "state")}
	if o.State == sender.StatePending {
		o.After = rapid.SampledFrom(append([]time.Duration{0}, periods...)).Draw(g.T, "after")
	}
	switch rapid.IntRange(0, 3).Draw(g.T, "attempt") {
	case 0:
	case 1:
		o.Attempt = &sender.Attempt{N: h.claim.Delivery.Attempt + 1, ErrorClass: sender.ClassUnknown}
	default:
		o.Attempt = &sender.Attempt{N: h.claim.Delivery.Attempt + 1, StatusCode: 200 + back}
	}
	o.Health = rapid.SampledFrom([]driver.HealthEvent{driver.HealthUnchanged, driver.HealthSuccess, driver.HealthDead,
		driver.HealthDead}).Draw(g.T, "health")
	g.settleAs(h, o)
}

func (g *storeGame) settleAs(h *hold, o driver.Outcome) {
	o.Org, o.DeliveryID, o.Token, o.EventID, o.Subscription, o.Ref = h.d.event.org, h.d.id, h.claim.Token, h.d.event.id,
		h.d.sub.id, h.claim.Ref
	h.outcome = &o
	holds := h.d.token == o.Token
	g.say("%s is settled as %s, after %v, attempt %+v, health %d; its worker holds it: %v", h.d, o.State, o.After,
		o.Attempt, o.Health, holds)
	if g.forgotten(h.d) {
		holds = false
	}
	settled, err := g.store.Settle(g.ctx, []driver.Outcome{o})
	g.ok(err)
	g.must(settled[0].Applied == holds, "Applied is %v", settled[0].Applied)
	cut := holds && h.d.ending && o.State != sender.StateDelivered
	g.must(settled[0].Cancelled == cut, "Cancelled is %v", settled[0].Cancelled)
	if o.Attempt != nil && !g.forgotten(h.d) {
		h.d.logged(attempt{o.Attempt.N, o.Attempt.StatusCode, o.Attempt.ErrorClass})
	}
	if !holds {
		return
	}
	g.apply(h.d, &o)
	if s := h.d.sub; !s.gone && o.Health == driver.HealthDead {
		have := settled[0].Health
		g.must(have.ConsecutiveDead == s.deads, "%s has %d dead in a row, and the answer says %d", s.name, s.deads,
			have.ConsecutiveDead)
		g.must((have.FailingFor-g.now.Sub(s.failing)).Abs() <= drift, "%s fails for %v, and the answer says %v", s.name,
			g.now.Sub(s.failing), have.FailingFor)
	}
}

func (g *storeGame) apply(d *delivery, o *driver.Outcome) {
	if o.Attempt != nil && o.Attempt.ErrorClass != sender.ClassUnknown {
		d.attempt = max(d.attempt, o.Attempt.N)
	}
	d.token, d.due = "", g.now.Add(o.After)
	switch {
	case o.Health == driver.HealthSuccess:
		d.sub.deads = 0
	case o.Health == driver.HealthDead:
		if d.sub.deads++; d.sub.deads == 1 {
			d.sub.failing = g.now
		}
	}
	switch {
	case d.ending && o.State != sender.StateDelivered:
		g.finish(d, sender.StateCancelled)
	case o.State != sender.StatePending:
		g.finish(d, o.State)
	case d.sub.gone:
		g.finish(d, sender.StateCancelled)
	}
}

// repeat settles the last outcome of a worker again, as it does whose answer got lost.
func (g *storeGame) repeat() {
	var last *hold
	for _, h := range g.held {
		if h.outcome != nil && !g.forgotten(h.d) {
			last = h
		}
	}
	if last == nil {
		g.SkipNow()
	}
	g.say("the same is settled again: %s", last.d)
	_, err := g.store.Settle(g.ctx, []driver.Outcome{*last.outcome})
	g.ok(err)
	last.d.unread = true
}

func (g *storeGame) forgotten(d *delivery) bool { return g.world.byID[d.id] == nil }

func (g *storeGame) replay() {
	s := g.pick()
	q := driver.ReplayRequest{DeliveryQuery: sender.DeliveryQuery{Org: s.org, Subscription: s.id,
		Limit: rapid.IntRange(1, 5).Draw(g.T, "limit")}}
	g.say("at most %d deliveries to %s are replayed", q.Limit, s.name)
	selected := func(d *delivery) bool { return d.sub == s }
	eligible := 0
	for _, d := range g.world.deliveries {
		if g.world.repeatable(d, selected) {
			eligible++
		}
	}
	made, err := g.store.Replay(g.ctx, q)
	g.ok(err)
	g.must(len(made) == min(eligible, q.Limit), "%d were replayed; %d could be", len(made), eligible)
	for _, r := range made {
		d := g.world.byID[r.Old]
		g.must(d != nil && g.world.repeatable(d, selected), "%v was replayed and must not be", d)
		g.world.add(delivery{id: r.New, event: d.event, sub: s, test: d.test, replayed: d, created: g.now, due: g.now})
	}
}
