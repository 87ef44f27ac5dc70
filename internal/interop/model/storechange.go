package model

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// waits says whether RetryNow must make d due.
func (d *delivery) waits(at time.Time) bool {
	return !d.finished() && !d.sub.gone && d.token == "" && d.due.After(at)
}

// some draws a query for a subscription, for one of its deliveries, or for all of its org.
func (g *storeGame) some() (q sender.DeliveryQuery, selected func(*delivery) bool) {
	s := g.pick()
	q = sender.DeliveryQuery{Org: s.org, Limit: rapid.IntRange(1, 5).Draw(g.T, "limit")}
	switch rapid.IntRange(0, 2).Draw(g.T, "of") {
	case 0:
		return q, func(d *delivery) bool { return d.event.org == s.org }
	case 1:
		q.Subscription = s.id
		return q, func(d *delivery) bool { return d.sub == s }
	}
	if len(g.world.deliveries) == 0 {
		g.SkipNow()
	}
	one := rapid.SampledFrom(g.world.deliveries).Draw(g.T, "delivery")
	q.Org, q.IDs = one.event.org, []string{one.id}
	return q, func(d *delivery) bool { return d == one }
}

// fit are the deliveries that a change must find.
func (g *storeGame) fit(of ...func(*delivery) bool) (list []*delivery) {
	for _, d := range g.world.deliveries {
		if !slices.ContainsFunc(of, func(holds func(*delivery) bool) bool { return !holds(d) }) {
			list = append(list, d)
		}
	}
	return list
}

func (g *storeGame) retryNow() {
	q, selected := g.some()
	g.say("at most %d deliveries of %s are retried now, of %s %v", q.Limit, q.Org, q.Subscription, q.IDs)
	fit := g.fit(selected, func(d *delivery) bool { return d.waits(g.now) })
	ids, err := g.store.RetryNow(g.ctx, q)
	g.ok(err)
	g.must(len(ids) == min(len(fit), q.Limit), "%d are due now; %d could be", len(ids), len(fit))
	for _, id := range ids {
		d := g.world.byID[id]
		g.must(slices.Contains(fit, d) && d.waits(g.now), "%v was made due and must not be", d)
		d.due = g.now
	}
}

func (g *storeGame) cancel() {
	q, selected := g.some()
	g.say("at most %d deliveries of %s are cancelled, of %s %v", q.Limit, q.Org, q.Subscription, q.IDs)
	fit := g.fit(selected, func(d *delivery) bool { return !d.finished() && !d.sub.gone && !d.ending })
	list, err := g.store.Cancel(g.ctx, q)
	g.ok(err)
	g.must(len(list) == min(len(fit), q.Limit), "%d were cancelled; %d could be", len(list), len(fit))
	for _, c := range list {
		d := g.world.byID[c.ID]
		g.must(slices.Contains(fit, d) && !d.finished() && !d.ending, "%v was cancelled and must not be", d)
		g.must(c.Ended != d.leased(g.now), "%s was cancelled, and ended at once: %v", d, c.Ended)
		if d.ending = true; c.Ended {
			g.finish(d, sender.StateCancelled)
		}
	}
}

// endLapsed ends what was cancelled in flight and whose lease ran out: the next Claim does, one that takes nothing too.
func (g *storeGame) endLapsed() {
	lapsed := g.fit(func(d *delivery) bool { return d.ending && !d.finished() && !d.leased(g.now) })
	if len(lapsed) == 0 {
		return
	}
	c, err := g.store.Claim(g.ctx, driver.ClaimRequest{Worker: "w", Limit: 1, Lease: time.Minute})
	g.ok(err)
	g.must(len(c.Claims) == 0, "a claim without a quota gives %d", len(c.Claims))
	for _, d := range lapsed {
		d.logged(attempt{n: d.attempt + 1, class: sender.ClassUnknown})
		g.finish(d, sender.StateCancelled)
	}
}
