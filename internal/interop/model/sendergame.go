package model

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// senderGame plays a program on Senders that share a store.
type senderGame struct {
	*program
	ctx   context.Context
	world *world
	trace *trace
	store *witness
	net   *network
	idle  *sender.Sender // never runs: what publishes while no process does
	procs []*process
	named int // events so far
	most  int // processes at once

	stopping bool // a process has just stopped
}

// company is longer than a Sender may wait with a claim so that it brings more at once.
const company = 10 * time.Millisecond

// process is one that runs a Sender.
type process struct {
	*sender.Sender
	name string
	stop func()
}

func playSender(p *program, s sender.Store, advance func(time.Duration)) {
	tr := &trace{}
	g := &senderGame{
		program: p, ctx: context.Background(), world: newWorld(), trace: tr, most: 2,
		store: &witness{Store: s, trace: tr}, net: &network{trace: tr, answers: map[string]answer{}},
	}
	defer func() {
		for _, p := range g.procs {
			p.stop()
		}
	}()
	g.idle = g.newSender()
	g.start()
	actions := g.actions(advance)
	g.Repeat(actions)
	g.start() // and a program that begins in the middle of things
	g.Repeat(actions)
	g.finish(advance)
}

func (g *senderGame) newSender() *sender.Sender {
	contract := sender.Kirim()
	contract.Schedule, contract.Jitter = waits, -1
	contract.Disable = func(h sender.Health) bool { return h.ConsecutiveDead >= maxDead }
	s, err := sender.New(g.store, sender.Config{
		Contracts:    []sender.Contract{contract},
		MaxLapses:    maxLapses,
		PollInterval: time.Hour, // what this hides, wake-ups must see
		Retention:    sender.Retention{Every: -1},
		Transport:    g.net,
		Logger:       slog.New(slog.DiscardHandler),
	})
	g.ok(err)
	return s
}

// start adds a process, if there is room for one.
func (g *senderGame) start() {
	if len(g.procs) == g.most {
		return
	}
	p := &process{Sender: g.newSender(), name: fmt.Sprint("process ", len(g.procs)+1)}
	ctx, cancel := context.WithCancel(g.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Run(ctx) // it returns nil, or does not run, which the program notices
	}()
	p.stop = func() {
		cancel()
		<-ended
	}
	g.procs = append(g.procs, p)
	g.compare()
}

// any is a Sender to call: a running one, if there is one.
func (g *senderGame) any() *sender.Sender {
	if len(g.procs) == 0 {
		return g.idle
	}
	return g.procs[rapid.IntRange(0, len(g.procs)-1).Draw(g.T, "process")].Sender
}

func (g *senderGame) org(name string) *sender.Org { return g.any().Org(name) }

// finish repairs every endpoint, lets all that is held go, and demands that every delivery ends.
func (g *senderGame) finish(advance func(time.Duration)) {
	g.say("the end: every endpoint answers 200, every subscription is resumed, two days pass")
	g.start()
	g.store.arm(func(w *witness) { w.dieClaiming, w.dieAtWork, w.repeat = false, false, false })
	for _, s := range g.world.living() {
		g.net.set(s.host(), answers[0])
		g.resume(s)
	}
	advance(48 * time.Hour)
	g.compare()
	for _, d := range g.world.deliveries {
		g.must(d.finished() || d.sub.gone, "%s never ended", d)
	}
}

// compare lets everything come to rest and demands that what can be read is what must be.
func (g *senderGame) compare() {
	synctest.Wait()
	if g.store.hasFailed() {
		time.Sleep(time.Second)
		synctest.Wait()
	}
	g.follow()
	now := time.Now()
	for _, org := range orgs {
		g.compareDeliveries(org, now)
		g.compareSubscriptions(org)
	}
	if len(g.procs) > 0 {
		g.nothingForgotten()
	}
}

func (g *senderGame) compareDeliveries(org string, now time.Time) {
	left := map[*delivery]bool{}
	for _, d := range g.world.deliveries {
		if d.event.org == org {
			left[d] = true
		}
	}
	o := g.idle.Org(org)
	for have, err := range o.Deliveries(g.ctx, sender.DeliveryQuery{}) {
		g.ok(err)
		d := g.world.byID[strings.TrimPrefix(have.ID, "wbd_")]
		g.must(d != nil && left[d], "a delivery of %s is listed in %s that should not exist there, or twice", have.EventID,
			org)
		delete(left, d)
		from := ""
		if d.replayed != nil {
			from = "wbd_" + d.replayed.id
		}
		g.must(have.State == d.shown(), "%s reads as %s", d, have.State)
		g.must(have.Attempt == d.attempt && have.EventID == d.event.id && have.EventType == d.event.typ &&
			have.SubscriptionID == d.sub.id &&
			have.Test == d.test && have.ReplayedFrom == from && have.Org == org, "%s reads as %+v", d, have)
		switch {
		case d.token != "" && !d.leased(now): // lapsed, and nobody has taken it over: the moment it shows is free
		case d.finished() || d.sub.gone || d.leased(now):
			g.must(have.NextAt.IsZero(), "%s reads as due at %v", d, have.NextAt)
		default:
			g.must(have.NextAt.Equal(d.due), "%s is due at %v and reads as due at %v", d, d.due, have.NextAt)
		}
		if d.unread {
			g.compareLog(o, d, have.ID)
		}
	}
	for d := range left {
		g.must(false, "%s is not listed", d)
	}
}

func (g *senderGame) compareLog(o *sender.Org, d *delivery, id string) {
	log, err := o.Attempts(g.ctx, id)
	g.ok(err)
	have := make([]attempt, len(log))
	for i, a := range log {
		have[i] = attempt{a.N, a.StatusCode, a.ErrorClass}
	}
	g.must(slices.Equal(have, d.log), "the log of %s has %+v, not %+v", d, have, d.log)
	d.unread = false
}

func (g *senderGame) compareSubscriptions(org string) {
	records, err := g.store.Subscriptions(g.ctx, driver.SubscriptionQuery{Org: org})
	g.ok(err)
	have := map[string]driver.SubscriptionRecord{}
	for _, r := range records {
		have[r.ID] = r
	}
	for _, s := range g.world.living() {
		if s.org != org {
			continue
		}
		r, there := have[s.id]
		g.must(there, "%s is not listed", s.name)
		g.must(r.Status == s.status, "%s is %s and reads as %s", s.name, s.status, r.Status)
		g.must(r.Health.ConsecutiveDead == s.deads, "%s has %d dead deliveries in a row and reads as %d", s.name, s.deads,
			r.Health.ConsecutiveDead)
		delete(have, s.id)
	}
	g.must(len(have) == 0, "%s has subscriptions that should not exist: %v", org, have)
}

// nothingForgotten demands that whatever can be sent is being sent, or will be once a claim has waited for company; an
// endpoint that has not answered yet may get one for each claim.
func (g *senderGame) nothingForgotten() {
	for lost := g.waiting(); len(lost) > 0; {
		before := len(lost)
		time.Sleep(company)
		synctest.Wait()
		g.follow()
		still := g.waiting()
		maps.DeleteFunc(lost, func(d *delivery, _ bool) bool { return !still[d] })
		if len(lost) < before {
			continue
		}
		for d := range lost {
			g.must(false, "%s has been due for %v and is not sent", d, time.Since(d.due))
		}
	}
}

// waiting are the deliveries that could be sent and are not: all that may hold a due one back is a request to the same
// endpoint that is not answered yet.
func (g *senderGame) waiting() map[*delivery]bool {
	now := time.Now()
	busy, waiting := map[*sub]bool{}, map[*delivery]bool{}
	for _, d := range g.world.deliveries {
		busy[d.sub] = busy[d.sub] || d.asked && d.leased(now)
	}
	for _, d := range g.world.deliveries {
		can := !d.finished() && !d.sub.gone && !d.due.After(now) && !d.leased(now) &&
			(d.test || d.sub.status == sender.StatusActive)
		if can && !busy[d.sub] {
			waiting[d] = true
		}
	}
	return waiting
}
