package model

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// The contract that the programs are played under: Kirim's, with a short schedule and little patience.
const (
	timeout   = 10 * time.Second
	maxDead   = 3
	maxLapses = 1
)

var waits = sender.Waits{10 * time.Second, 2 * time.Minute, 3 * time.Hour}

// follow judges what was seen and lets the world go on accordingly.
func (g *senderGame) follow() {
	for _, what := range g.trace.take() {
		switch what := what.(type) {
		case claimed:
			for i := range what.claims {
				g.claimed(what.at, what.lease, &what.claims[i])
			}
		case requested:
			g.requested(what)
		case settled:
			g.settled(what)
		}
	}
}

// parked is how long a Sender may keep a claim before it sends it or gives it back, whatever becomes of its
// subscription.
const parked = 2 * time.Second

// mayBeSent demands that a delivery's turn has come. Its subscription may have left as long ago as grace.
func (g *senderGame) mayBeSent(d *delivery, at time.Time, doing string, grace time.Duration) {
	s := d.sub
	late := !s.changed.Equal(at) && (grace == 0 || at.Sub(s.left) > grace)
	g.must(!d.finished(), "%s was %s although it had ended", d, doing)
	g.must(!at.Before(d.due), "%s was %s %v before it was due", d, doing, d.due.Sub(at))
	g.must(!s.gone || !late, "%s was %s although %s is unsubscribed", d, doing, s.name)
	g.must(d.test || s.status == sender.StatusActive || !late, "%s was %s although %s is %s", d, doing, s.name, s.status)
}

func (g *senderGame) claimed(at time.Time, lease time.Duration, c *driver.Claim) {
	d := g.world.byID[c.Delivery.ID]
	g.must(d != nil, "a delivery of %s to %s was claimed that should not exist", c.Delivery.EventID, c.Subscription.URL)
	g.mayBeSent(d, at, "claimed", 0)
	if d.token != "" {
		g.must(!d.leased(at), "%s was claimed twice: its lease lasts for another %v", d, d.until.Sub(at))
		d.lapses++
		d.logged(attempt{n: d.attempt + 1, class: sender.ClassUnknown})
	}
	g.must(c.Lapses == d.lapses, "%s was claimed with %d lapses, not %d", d, c.Lapses, d.lapses)
	g.must(c.Delivery.Attempt == d.attempt, "%s was claimed after %d attempts", d, c.Delivery.Attempt)
	g.must(bytes.Equal(c.Event.Event.Body, d.event.body), "%s was claimed with other bytes", d)
	g.must(c.Subscription.ID == d.sub.id && c.Subscription.Org == d.event.org, "%s was claimed for another subscription",
		d)
	d.token, d.since, d.until, d.asked = c.Token, at, at.Add(lease), false
}

func (g *senderGame) requested(r requested) {
	d := g.world.byID[strings.TrimPrefix(r.header.Get("X-Kirim-Delivery-Id"), "wbd_")]
	g.must(d != nil, "a request to %s names no delivery that should exist", r.url)
	g.mayBeSent(d, r.at, "sent", parked)
	g.must(d.leased(r.at), "%s was sent by a worker that does not hold it", d)
	g.must(!d.asked, "%s was sent twice under one claim", d)
	d.asked, d.request = true, r
	for _, f := range []struct{ what, have, want string }{
		{"url", r.url, d.sub.url},
		{"body", string(r.body), string(d.event.body)},
		{"X-Kirim-Event-Id", r.header.Get("X-Kirim-Event-Id"), d.event.id},
		{"X-Kirim-Event", r.header.Get("X-Kirim-Event"), d.event.typ},
		{"X-Kirim-Source", r.header.Get("X-Kirim-Source"), d.event.source},
		{"X-Kirim-Attempt", r.header.Get("X-Kirim-Attempt"), strconv.Itoa(d.attempt + 1)},
		{"X-Subscription", r.header.Get("X-Subscription"), d.sub.name},
		{"X-Kirim-Signature", r.header.Get("X-Kirim-Signature"), d.sub.sign(r.body, r.at)},
	} {
		g.must(f.have == f.want, "%s was sent with %s %q, not %q", d, f.what, f.have, f.want)
	}
}

// sign makes the header that all active secrets, and no expired one, make.
func (s *sub) sign(body []byte, at time.Time) string {
	header := fmt.Sprintf("t=%d", at.Unix())
	for _, secret := range s.secrets {
		if !secret.active(at) {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret.text))
		fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
		header += ",v1=" + hex.EncodeToString(mac.Sum(nil))
	}
	return header
}

// settled judges a batch as the Sender must: by the health that a subscription has after it.
func (g *senderGame) settled(batch settled) {
	died := map[*sub]bool{}
	for i, o := range batch.outcomes {
		d := g.world.byID[o.DeliveryID]
		g.must(d != nil, "an outcome was settled of a delivery that should not exist")
		g.must(d.token == o.Token, "%s was settled by a worker that does not hold it", d)
		g.must(batch.results[i].Applied, "the outcome of %s was not applied", d)
		want := g.expected(d, batch.at, o)
		have := settlement{o.State, o.After, o.Health}
		g.must(have == want, "%s was settled as %+v, not %+v", d, have, want)
		g.apply(d, batch.at, &o)
		if o.Health == driver.HealthDead {
			died[d.sub] = true
		}
	}
	for s := range died {
		if s.deads >= maxDead && s.status == sender.StatusActive && !s.gone {
			s.status, s.changed, s.left = sender.StatusDisabled, batch.at, batch.at
		}
	}
}

// settlement is what the Sender decides of an outcome.
type settlement struct {
	state  sender.State
	after  time.Duration
	health driver.HealthEvent
}

// expected is what an outcome must say, and checks the attempt that it brings.
func (g *senderGame) expected(d *delivery, at time.Time, o driver.Outcome) settlement {
	counts := func(h driver.HealthEvent) driver.HealthEvent {
		if d.test || d.replayed != nil {
			return driver.HealthUnchanged
		}
		return h
	}
	if d.test && d.replayed == nil && !d.asked { // whoever made the test has died, and nobody waits for its result
		g.must(o.Attempt == nil && o.Reason == "abandoned", "%s was taken over and ended as %q", d, o.Reason)
		return settlement{sender.StateDead, 0, driver.HealthUnchanged}
	}
	if d.lapses > maxLapses {
		g.must(!d.asked && o.Attempt == nil && o.Reason == "crash_loop", "%s was sent again although %d workers died with it",
			d, d.lapses)
		return settlement{sender.StateDead, 0, driver.HealthUnchanged} // the workers are at fault
	}
	if !d.asked {
		g.must(o.Attempt == nil, "%s was settled with an attempt that nobody saw", d)
		g.must(g.stopping || at.Sub(d.since) > parked, "%s was given back: %q", d, o.Reason)
		return settlement{sender.StatePending, 0, driver.HealthUnchanged}
	}
	a, n := d.request.answer, d.attempt+1
	g.must(o.Attempt != nil && o.Attempt.N == n && o.Attempt.StatusCode == a.status && o.Attempt.ErrorClass == a.class,
		"attempt %d of %s was answered by %s and settled as %+v", n, d, a.name, o.Attempt)
	answered := d.request.at
	if a.class == sender.ClassTimeout {
		answered = answered.Add(timeout)
	}
	g.must(at.Equal(answered), "attempt %d of %s was answered at %v and settled at %v", n, d, answered, at)
	switch {
	case a.status/100 == 2:
		return settlement{sender.StateDelivered, 0, counts(driver.HealthSuccess)}
	case a.status/100 == 4 && a.status != 429, d.test, n > len(waits):
		return settlement{sender.StateDead, 0, counts(driver.HealthDead)}
	}
	wait := waits[n-1]
	return settlement{sender.StatePending, max(wait, min(a.retryAfter, wait+time.Hour)), driver.HealthUnchanged}
}

func (g *senderGame) apply(d *delivery, at time.Time, o *driver.Outcome) {
	if o.Attempt != nil {
		d.attempt++
		d.logged(attempt{o.Attempt.N, o.Attempt.StatusCode, o.Attempt.ErrorClass})
	}
	d.token, d.asked, d.due = "", false, at.Add(o.After)
	switch o.Health {
	case driver.HealthSuccess:
		d.sub.deads = 0
	case driver.HealthDead:
		d.sub.deads++
	}
	d.state = o.State
	if d.sub.gone && !d.finished() {
		d.state = sender.StateCancelled
	}
}

func (d *delivery) logged(a attempt) { d.log, d.unread = append(d.log, a), true }
