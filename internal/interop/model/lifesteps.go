package model

import (
	"errors"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/sender"
)

func (g *senderGame) turn(to sender.Status) {
	s := g.pick()
	g.say("%s is %s", s.name, to)
	o := g.org(s.org)
	if to == sender.StatusPaused {
		g.ok(o.Pause(g.ctx, s.id))
	} else {
		g.ok(o.Disable(g.ctx, s.id, "by its host"))
	}
	s.status, s.changed, s.left = to, time.Time{}, time.Now()
}

func (g *senderGame) resume(s *sub) {
	g.say("%s is resumed", s.name)
	g.ok(g.org(s.org).Resume(g.ctx, s.id))
	if s.status != sender.StatusActive {
		s.status, s.deads = sender.StatusActive, 0
	}
}

func (g *senderGame) rotate() {
	s := g.pick()
	overlap := rapid.SampledFrom([]time.Duration{0, time.Minute, 3 * time.Hour, 24 * time.Hour}).Draw(g.T, "overlap")
	g.say("the secret of %s is rotated with an overlap of %v", s.name, overlap)
	fresh, err := g.org(s.org).RotateSecret(g.ctx, s.id, sender.Rotation{Overlap: overlap})
	now := time.Now()
	kept := []secret{{text: fresh.Reveal()}}
	for _, old := range s.secrets {
		if end := now.Add(overlap); old.expires.IsZero() || old.expires.After(end) {
			old.expires = end
		}
		if old.active(now) {
			kept = append(kept, old)
		}
	}
	if len(kept) > 15 {
		g.must(errors.Is(err, sender.ErrInvalid), "a sixteenth secret gives %v", err)
		return
	}
	g.ok(err)
	s.secrets = kept
}

func (g *senderGame) update() {
	s := g.pick()
	s.events = rapid.SampledFrom(patterns).Draw(g.T, "events")
	url := "https://" + s.host() + rapid.SampledFrom([]string{"/hook", "/other"}).Draw(g.T, "path")
	if url != s.url {
		s.url, s.deads = url, 0
	}
	g.say("%s wants %v at %s", s.name, s.events, s.url)
	_, err := g.org(s.org).Update(g.ctx, s.id, func(sub *sender.Subscription) { sub.Events, sub.URL = s.events, s.url })
	g.ok(err)
}

func (g *senderGame) unsubscribe() {
	s := g.pick()
	g.say("%s unsubscribes", s.name)
	g.ok(g.org(s.org).Unsubscribe(g.ctx, s.id))
	s.gone, s.left = true, time.Now()
	for _, d := range g.world.deliveries {
		if d.sub == s && !d.finished() && !d.leased(time.Now()) {
			d.state = sender.StateCancelled
		}
	}
}

// test takes as long as the endpoint lets it.
func (g *senderGame) test() {
	s := g.pick()
	g.say("%s is tested", s.name)
	began := time.Now()
	a, err := g.org(s.org).Test(g.ctx, s.id, sender.TestRequest{Type: "contact.created"})
	g.ok(err)
	g.must(a.N == 1 && a.Test, "the attempt says %+v", a)
	made := 0
	for d := range g.found(s.org, sender.DeliveryQuery{Subscription: s.id}) {
		id := strings.TrimPrefix(d.ID, "wbd_")
		if g.world.byID[id] != nil {
			continue
		}
		made++
		g.must(d.Test, "a test made a delivery that is none")
		stored, err := g.store.Event(g.ctx, s.org, d.EventID)
		g.ok(err)
		e := &event{org: s.org, id: d.EventID, typ: "contact.created", source: "kirim", body: stored.Event.Body}
		g.world.add(delivery{id: id, event: e, sub: s, test: true, due: began})
	}
	g.must(made == 1, "a test made %d deliveries", made)
}

// replay takes a delivery of any state, since those that must not be replayed are as interesting.
func (g *senderGame) replay() {
	if len(g.world.deliveries) == 0 {
		g.SkipNow()
	}
	d := rapid.SampledFrom(g.world.deliveries).Draw(g.T, "delivery")
	g.say("%s is replayed", d)
	can := g.world.replayable(d)
	id, err := g.org(d.event.org).Replay(g.ctx, "wbd_"+d.id)
	if !can {
		g.must(errors.Is(err, sender.ErrConflict), "the replay gives %q, %v", id, err)
		return
	}
	g.ok(err)
	g.replayed(d, id)
}

func (g *senderGame) replayed(d *delivery, id string) {
	id, ours := strings.CutPrefix(id, "wbd_")
	g.must(ours && g.world.byID[id] == nil, "the replay of %s has the id %q, which is no new one", d, id)
	g.world.add(delivery{id: id, event: d.event, sub: d.sub, test: d.test, replayed: d, due: time.Now()})
}

func (g *senderGame) replayAll() {
	s := g.pick()
	q := sender.DeliveryQuery{Subscription: s.id}
	if rapid.Bool().Draw(g.T, "dead ones alone") {
		q.States = []sender.State{sender.StateDead}
	}
	g.say("deliveries to %s are replayed, of states %v", s.name, q.States)
	selected := func(d *delivery) bool { return d.sub == s && (q.States == nil || slices.Contains(q.States, d.shown())) }
	var want []*delivery
	for _, d := range g.world.deliveries {
		if g.world.repeatable(d, selected) {
			want = append(want, d)
		}
	}
	for r, err := range g.org(s.org).ReplayAll(g.ctx, q) {
		g.ok(err)
		old := g.world.byID[strings.TrimPrefix(r.Old, "wbd_")]
		i := slices.Index(want, old)
		g.must(i >= 0, "%v was replayed and must not be", old)
		want = slices.Delete(want, i, i+1)
		g.replayed(old, r.New)
	}
	g.must(len(want) == 0, "not replayed: %v", want)
}

// trespass reaches for another tenant's things.
func (g *senderGame) trespass() {
	s := g.pick()
	other := orgs[1-slices.Index(orgs, s.org)]
	g.say("%s reaches for %s of %s", other, s.name, s.org)
	o := g.org(other)
	_, err := o.Subscription(g.ctx, s.id)
	errs := []error{err, o.Pause(g.ctx, s.id), o.Resume(g.ctx, s.id), o.Unsubscribe(g.ctx, s.id)}
	_, err = o.RotateSecret(g.ctx, s.id, sender.Rotation{})
	errs = append(errs, err)
	_, err = o.Test(g.ctx, s.id, sender.TestRequest{})
	errs = append(errs, err)
	_, err = o.Update(g.ctx, s.id, func(*sender.Subscription) {})
	errs = append(errs, err)
	for _, d := range g.world.deliveries {
		if d.sub == s {
			_, err = o.Replay(g.ctx, "wbd_"+d.id)
			errs = append(errs, err)
			_, err = o.Attempts(g.ctx, "wbd_"+d.id)
			errs = append(errs, err)
		}
	}
	for i, err := range errs {
		g.must(errors.Is(err, sender.ErrNotFound), "call %d gives %v", i, err)
	}
}
