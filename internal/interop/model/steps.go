package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

var (
	orgs     = []string{"acme", "rival"}
	patterns = [][]string{{"*"}, {"contact.*"}, {"contact.created"}, {"contact.created", "message.received"},
		{"message.received"}}
	types   = []string{"contact.created", "contact.updated", "message.received"}
	periods = []time.Duration{time.Second, 10 * time.Second, 31 * time.Second, 2 * time.Minute, 5 * time.Minute,
		time.Hour, 4 * time.Hour, 26 * time.Hour}
)

// actions are the steps that a program is made of.
func (g *senderGame) actions(advance func(time.Duration)) map[string]func(*rapid.T) {
	step := func(do func()) func(*rapid.T) {
		return func(t *rapid.T) {
			g.T = t
			do()
			g.compare()
		}
	}
	return map[string]func(*rapid.T){
		"subscribe":   step(g.subscribe),
		"publish":     step(g.publish),
		"burst":       step(g.burst),
		"again":       step(g.again),
		"conflict":    step(g.conflict),
		"answer":      step(g.answer),
		"pass":        step(func() { g.pass(advance) }),
		"pause":       step(func() { g.turn(sender.StatusPaused) }),
		"disable":     step(func() { g.turn(sender.StatusDisabled) }),
		"resume":      step(func() { g.resume(g.pick()) }),
		"rotate":      step(g.rotate),
		"update":      step(g.update),
		"unsubscribe": step(g.unsubscribe),
		"test":        step(g.test),
		"replay":      step(g.replay),
		"replay all":  step(g.replayAll),
		"trespass":    step(g.trespass),
		"die":         step(g.die),
		"start":       step(func() { g.say("one process more, %d at most", g.most); g.start() }),
		"stop":        func(t *rapid.T) { step(g.stop)(t); g.stopping = false },
	}
}

// pick draws a subscription; a program without one takes another step.
func (g *senderGame) pick() *sub {
	living := g.world.living()
	if len(living) == 0 {
		g.SkipNow()
	}
	return rapid.SampledFrom(living).Draw(g.T, "subscription")
}

func (s *sub) host() string { return s.name + ".example.com" }

func (g *senderGame) subscribe() {
	if len(g.world.living()) == 6 {
		g.SkipNow()
	}
	s := &sub{
		name: fmt.Sprint("s", len(g.world.subs)+1), org: rapid.SampledFrom(orgs).Draw(g.T, "org"),
		status: sender.StatusActive,
		events: rapid.SampledFrom(patterns).Draw(g.T, "events"),
	}
	s.url = "https://" + s.host() + "/hook"
	g.say("%s subscribes to %v of %s", s.name, s.events, s.org)
	made, first, err := g.org(s.org).Subscribe(g.ctx,
		sender.Subscription{URL: s.url, Events: s.events, Headers: map[string]string{"X-Subscription": s.name}})
	g.ok(err)
	s.id, s.secrets = made.ID, []secret{{text: first.Reveal()}}
	g.world.subs = append(g.world.subs, s)
}

// newEvent makes one of source meta where the type is of Meta's own.
func (g *senderGame) newEvent(org, typ string) *event {
	g.named++
	if typ == "message.received" {
		id := fmt.Sprint("wamid.", g.named)
		const body = `{"entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"from":"62811","id":%q,"type":"text"}]}}]}]}`
		return &event{org: org, id: id, typ: typ, source: "meta", body: fmt.Appendf(nil, body, id)}
	}
	id := fmt.Sprint("evt_", g.named)
	return &event{org: org, id: id, typ: typ, source: "kirim",
		body: fmt.Appendf(nil, `{"id":%q,"type":%q,"data":{"n":%d}}`, id, typ, g.named)}
}

func (e *event) envelope() envelope.Event {
	return envelope.Event{Source: envelope.Source(e.source), Body: e.body}
}

func (g *senderGame) publish() {
	e := g.newEvent(rapid.SampledFrom(orgs).Draw(g.T, "org"), rapid.SampledFrom(types).Draw(g.T, "type"))
	if others := g.eventList(); len(others) > 0 && rapid.IntRange(0, 9).Draw(g.T, "an id of the other org") == 0 {
		twin := *rapid.SampledFrom(others).Draw(g.T, "event")
		twin.org = orgs[1-slices.Index(orgs, twin.org)]
		if g.world.events[twin.key()] == nil {
			e = &twin
		}
	}
	g.say("%s publishes %s, %s", e.org, e.id, e.typ)
	receipt, err := g.org(e.org).Publish(g.ctx, e.envelope())
	g.ok(err)
	g.must(!receipt.Duplicate && receipt.EventID == e.id, "the receipt says %+v", receipt)
	made := g.published(e)
	g.must(receipt.Deliveries == made, "the receipt says %d deliveries, not %d", receipt.Deliveries, made)
}

// published takes a new event into the world, and says how many deliveries it must have.
func (g *senderGame) published(e *event) int {
	g.world.events[e.key()] = e
	wanted := map[string]*sub{}
	for _, s := range g.world.living() {
		if s.org == e.org && s.wants(e.typ) {
			wanted[s.id] = s
		}
	}
	made := map[string]string{} // by subscription
	for d := range g.found(e.org, sender.DeliveryQuery{EventID: e.id}) {
		_, twice := made[d.SubscriptionID]
		g.must(wanted[d.SubscriptionID] != nil && !twice, "%s has a delivery to a subscription that does not want it, or two",
			e.id)
		made[d.SubscriptionID] = strings.TrimPrefix(d.ID, "wbd_")
	}
	for _, s := range g.world.subs { // in their order, so that names are the same in every run
		if wanted[s.id] != nil {
			g.must(made[s.id] != "", "%s has no delivery to %s", e.id, s.name)
			g.world.add(delivery{id: made[s.id], event: e, sub: s, due: time.Now()})
		}
	}
	return len(made)
}

// found yields what a query finds, new to old.
func (g *senderGame) found(org string, q sender.DeliveryQuery) func(func(sender.Delivery) bool) {
	return func(yield func(sender.Delivery) bool) {
		for d, err := range g.idle.Org(org).Deliveries(g.ctx, q) {
			g.ok(err)
			if !yield(d) {
				return
			}
		}
	}
}

// burst publishes several events at once, one of them twice, and one under a known id with other bytes.
func (g *senderGame) burst() {
	org := rapid.SampledFrom(orgs).Draw(g.T, "org")
	events := make([]*event, rapid.IntRange(2, 12).Draw(g.T, "events"))
	for i := range events {
		events[i] = g.newEvent(org, types[i%len(types)])
	}
	all := append(slices.Clone(events), events[0])
	for _, e := range g.eventList() {
		if e.org == org && e.source == "kirim" {
			bad := *e
			bad.body = append([]byte(" "), e.body...)
			all = slices.Insert(all, len(all)/2, &bad)
			break
		}
	}
	g.say("%s publishes %s to %s at once, the first of them twice, and a conflict if it can", org, events[0].id,
		events[len(events)-1].id)
	o := g.org(org)
	duplicates := make([]bool, len(all))
	errs := make([]error, len(all))
	var callers sync.WaitGroup
	for i, e := range all {
		callers.Go(func() {
			receipt, err := o.Publish(g.ctx, e.envelope())
			duplicates[i], errs[i] = receipt.Duplicate, err
		})
	}
	callers.Wait()
	g.must(duplicates[0] != duplicates[len(all)-1], "%s was stored twice, or not at all", events[0].id)
	for i, e := range all {
		if e.body[0] == ' ' {
			g.must(errors.Is(errs[i], sender.ErrConflict), "%s with other bytes gives %v", e.id, errs[i])
			continue
		}
		g.ok(errs[i])
		g.must(!duplicates[i] || e == events[0], "%s is a duplicate", e.id)
	}
	for _, e := range events {
		g.published(e)
	}
}

func (g *senderGame) eventList() []*event {
	var list []*event
	for _, e := range g.world.events {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *event) int { return strings.Compare(a.key(), b.key()) })
	return list
}

func (g *senderGame) pickEvent() *event {
	list := g.eventList()
	if len(list) == 0 {
		g.SkipNow()
	}
	return rapid.SampledFrom(list).Draw(g.T, "event")
}

func (g *senderGame) again() {
	e := g.pickEvent()
	g.say("%s publishes %s again", e.org, e.id)
	receipt, err := g.org(e.org).Publish(g.ctx, e.envelope())
	g.ok(err)
	g.must(receipt.Duplicate && receipt.Deliveries == 0, "the receipt says %+v", receipt)
}

func (g *senderGame) conflict() {
	e := g.pickEvent()
	g.say("%s publishes %s again, with other bytes", e.org, e.id)
	other := e.envelope()
	other.Body = append([]byte(" "), other.Body...)
	receipt, err := g.org(e.org).Publish(g.ctx, other)
	if e.source == "meta" {
		g.ok(err)
		g.must(receipt.Duplicate && receipt.Deliveries == 0, "the receipt says %+v", receipt)
		return
	}
	g.must(errors.Is(err, sender.ErrConflict), "another body under a known id gives %v", err)
}

func (g *senderGame) answer() {
	s := g.pick()
	a := answers[rapid.IntRange(0, len(answers)-1).Draw(g.T, "answer")]
	g.say("%s answers %s from now on", s.name, a.name)
	g.net.set(s.host(), a)
}

func (g *senderGame) pass(advance func(time.Duration)) {
	d := rapid.SampledFrom(periods).Draw(g.T, "period")
	g.say("%v pass", d)
	advance(d)
}

// die lets a worker end in the middle of its next claim, or between an answer and its outcome; or an outcome is settled
// twice because the answer of the store got lost.
func (g *senderGame) die() {
	switch rapid.IntRange(0, 2).Draw(g.T, "how") {
	case 0:
		g.say("the next worker that claims dies with it")
		g.store.arm(func(w *witness) { w.dieClaiming = true })
	case 1:
		g.say("the next worker that has an answer dies with it")
		g.store.arm(func(w *witness) { w.dieAtWork = true })
	default:
		g.say("the next outcomes are settled twice")
		g.store.arm(func(w *witness) { w.repeat = true })
	}
}

func (g *senderGame) stop() {
	if len(g.procs) == 0 {
		g.SkipNow()
	}
	g.say("%s stops", g.procs[0].name)
	g.stopping = true
	g.procs[0].stop()
	g.procs = g.procs[1:]
}
