package model

import (
	"errors"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// purge forgets all that it may, in calls of a few rows.
func (g *storeGame) purge() {
	odd := 500 * time.Millisecond // lest anything is exactly so old
	r := driver.PurgeRequest{
		Finished: rapid.SampledFrom(periods).Draw(g.T, "finished") + odd,
		Identity: 24*time.Hour + odd,
		HeldAge:  rapid.SampledFrom(periods).Draw(g.T, "held age") + odd,
		HeldMax:  rapid.IntRange(0, 5).Draw(g.T, "held max"),
		Limit:    rapid.IntRange(1, 10).Draw(g.T, "limit"),
	}
	g.say("purged: finished for %v, held for %v or beyond %d", r.Finished, r.HeldAge, r.HeldMax)
	var total sender.Purged
	for {
		p, err := g.store.Purge(g.ctx, r)
		g.ok(err)
		if p == (sender.Purged{}) {
			break
		}
		total.Deliveries, total.Events, total.Held = total.Deliveries+p.Deliveries, total.Events+p.Events, total.Held+p.Held
	}
	want := g.purged(&r)
	if g.liberties.CancelsLate { // and counts it here
		total.Held = min(total.Held, want.Held)
	}
	g.must(total == want, "%+v were purged, not %+v", total, want)
	for _, e := range g.world.events {
		_, err := g.store.Event(g.ctx, e.org, e.id)
		g.ok(err)
	}
}

// purged takes a purge into the world.
func (g *storeGame) purged(r *driver.PurgeRequest) (p sender.Purged) {
	alive := map[*event]bool{}
	g.world.deliveries = slices.DeleteFunc(g.world.deliveries, func(d *delivery) bool {
		old := d.finished() && g.now.Sub(d.ended) > r.Finished
		if d.vague {
			left, err := g.store.Deliveries(g.ctx, sender.DeliveryQuery{Org: d.event.org, IDs: []string{d.id}})
			g.ok(err)
			old = len(left) == 0
		}
		if old {
			p.Deliveries++
			delete(g.world.byID, d.id)
		}
		alive[d.event] = alive[d.event] || !old
		return old
	})
	for key, e := range g.world.events {
		if !alive[e] && g.now.Sub(e.published) > r.Identity {
			p.Events++
			delete(g.world.events, key)
			_, err := g.store.Event(g.ctx, e.org, e.id)
			g.must(errors.Is(err, sender.ErrNotFound), "%s was purged and gives %v", e.id, err)
		}
	}
	for _, s := range g.world.living() {
		var held []*delivery // old to new
		for _, d := range g.world.deliveries {
			if d.sub == s && d.shown() == sender.StateHeld && !d.leased(g.now) {
				held = append(held, d)
			}
		}
		for i, d := range held {
			if len(held)-i > r.HeldMax || g.now.Sub(d.created) > r.HeldAge {
				g.finish(d, sender.StateCancelled)
				p.Held++
			}
		}
	}
	return p
}
