package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// storeGame plays a program on a store alone, as several workers that come, go and forget would.
type storeGame struct {
	*program
	ctx     context.Context
	world   *world
	store   sender.Store
	advance func(time.Duration)
	now     time.Time       // as the store's clock goes, but for the moments that calls take
	tokens  map[string]bool // ever seen
	held    []*hold         // every claim ever made, in order

	liberties Harness // what the contract leaves to the store
}

// hold is a claim as its worker remembers it.
type hold struct {
	d       *delivery
	claim   driver.Claim
	outcome *driver.Outcome // the last it settled with
}

// drift is more than the calls of a program take on a clock that runs on by itself.
const drift = time.Second

func playStore(p *program, s sender.Store, advance func(time.Duration), h Harness) {
	g := &storeGame{
		program: p, ctx: context.Background(), world: newWorld(), store: s, advance: advance, liberties: h,
		now: time.Now(), tokens: map[string]bool{},
	}
	actions := g.actions()
	g.Repeat(actions)
	g.drain()
	g.compare()
	g.Repeat(actions)
	g.end()
}

func (g *storeGame) actions() map[string]func(*rapid.T) {
	step := func(do func()) func(*rapid.T) {
		return func(t *rapid.T) {
			g.T = t
			do()
			g.compare()
		}
	}
	return map[string]func(*rapid.T){
		"subscribe": step(g.subscribe),
		"change":    step(g.change),
		"rotate":    step(g.rotate),
		"delete":    step(g.delete),
		"enqueue":   step(g.enqueue),
		"claim":     step(g.claim),
		"drain":     step(g.drain),
		"settle":    step(g.settle),
		"repeat":    step(g.repeat),
		"replay":    step(g.replay),
		"retry now": step(g.retryNow),
		"cancel":    step(g.cancel),
		"purge":     step(g.purge),
		"page":      step(g.page),
		"pass":      step(func() { g.pass(rapid.SampledFrom(periods).Draw(g.T, "period")) }),
	}
}

func (g *storeGame) pass(d time.Duration) {
	g.say("%v pass", d)
	g.advance(d)
	g.now = g.now.Add(d)
	g.cancelLapsed()
	g.endLapsed()
}

// end makes everything claimable and demands that every delivery can be brought to an end.
func (g *storeGame) end() {
	for _, s := range g.world.living() {
		if s.status != sender.StatusActive {
			g.put(s, sender.StatusActive, s.topics)
		}
	}
	g.pass(100 * time.Hour)
	g.drain()
	for _, h := range g.held {
		if h.d.token == h.claim.Token && !h.d.vague {
			g.settleAs(h, driver.Outcome{State: sender.StateDelivered})
		}
	}
	g.compare()
	for _, d := range g.world.deliveries {
		g.must(d.finished(), "%s never ended", d)
	}
}

func (g *storeGame) pick() *sub {
	living := g.world.living()
	if len(living) == 0 {
		g.SkipNow()
	}
	return rapid.SampledFrom(living).Draw(g.T, "subscription")
}

var statuses = []sender.Status{sender.StatusActive, sender.StatusActive, sender.StatusPaused, sender.StatusDisabled}

var topicSets = [][]string{{"a"}, {"b"}, {"a", "b"}, {"b", "c"}, {"c", "a", "a"}, nil}

func (g *storeGame) subscribe() {
	if len(g.world.living()) == 6 {
		g.SkipNow()
	}
	s := &sub{name: fmt.Sprint("s", len(g.world.subs)+1), org: rapid.SampledFrom(orgs).Draw(g.T, "org")}
	s.id = s.name
	g.world.subs = append(g.world.subs, s)
	g.put(s, rapid.SampledFrom(statuses).Draw(g.T, "status"), rapid.SampledFrom(topicSets).Draw(g.T, "topics"))
	_, err := g.store.PutSubscription(g.ctx, g.record(s, 0))
	g.must(errors.Is(err, sender.ErrConflict), "making %s again gives %v", s.name, err)
}

func (g *storeGame) record(s *sub, version int64) driver.SubscriptionRecord {
	r := driver.SubscriptionRecord{
		Subscription: sender.Subscription{
			ID: s.id, Org: s.org, URL: "https://example.com/", Contract: "kirim", Events: []string{"*"}, Status: s.status,
			CreatedAt: time.Unix(1, 0),
		},
		Version: version, Topics: s.topics,
	}
	for i, secret := range s.secrets {
		r.Sealed = append(r.Sealed, driver.SecretRecord{
			ID: fmt.Sprint("sec_", len(s.secrets)-i), Sealed: []byte(secret.text), CreatedAt: time.Unix(1, 0),
			ExpiresAt: secret.expires,
		})
	}
	return r
}

// put makes or changes a subscription.
func (g *storeGame) put(s *sub, status sender.Status, topics []string) {
	g.say("%s of %s is put as %s with topics %v", s.name, s.org, status, topics)
	if status == sender.StatusActive && s.status != sender.StatusActive {
		s.deads = 0
	}
	s.status, s.topics = status, topics
	version, err := g.store.PutSubscription(g.ctx, g.record(s, s.version))
	g.ok(err)
	g.must(version != s.version, "the version of %s stays %d", s.name, version)
	s.version = version
}

func (g *storeGame) change() {
	s := g.pick()
	_, err := g.store.PutSubscription(g.ctx, g.record(s, s.version+1000))
	g.must(errors.Is(err, sender.ErrConflict), "a change of %s at another version gives %v", s.name, err)
	foreign := g.record(s, s.version)
	foreign.Org = "nobody"
	_, err = g.store.PutSubscription(g.ctx, foreign)
	g.must(errors.Is(err, sender.ErrNotFound), "a change of %s by another org gives %v", s.name, err)
	g.put(s, rapid.SampledFrom(statuses).Draw(g.T, "status"), rapid.SampledFrom(topicSets).Draw(g.T, "topics"))
}

// rotate puts a subscription with one more sealed secret, and with an end for the others.
func (g *storeGame) rotate() {
	s := g.pick()
	end := time.Unix(1+rapid.Int64Range(0, 1e9).Draw(g.T, "end"), 0)
	for i := range s.secrets {
		s.secrets[i].expires = end
	}
	sealed := rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(g.T, "sealed")
	s.secrets = append([]secret{{text: string(sealed)}}, s.secrets[:min(len(s.secrets), 2)]...)
	g.put(s, s.status, s.topics)
}

func (g *storeGame) delete() {
	s := g.pick()
	if len(g.fit(func(d *delivery) bool { return d.sub == s && d.ending && !d.finished() })) > 0 {
		g.SkipNow() // of two reasons to end with the attempt either may be told
	}
	g.say("%s is deleted", s.name)
	err := g.store.DeleteSubscription(g.ctx, "nobody", s.id)
	g.must(errors.Is(err, sender.ErrNotFound), "a foreign delete gives %v", err)
	g.ok(g.store.DeleteSubscription(g.ctx, s.org, s.id))
	s.gone = true
	for _, d := range g.world.deliveries {
		if d.sub == s && d.token == "" && !d.finished() {
			g.finish(d, sender.StateCancelled)
		}
	}
	g.cancelLapsed()
}

// cancelLapsed ends what was in flight when its subscription was deleted, and was never heard of again.
func (g *storeGame) cancelLapsed() {
	for _, d := range g.world.deliveries {
		if d.sub.gone && !d.finished() && !d.leased(g.now) {
			g.finish(d, sender.StateCancelled)
		}
	}
}

// finish ends a delivery. A lapsed lease that ends so is nobody's any more, though its worker may still be heard of.
func (g *storeGame) finish(d *delivery, as sender.State) {
	d.vague = d.token != ""
	d.state, d.ended, d.token = as, g.now, ""
}

// enqueue stores a few publications at once: new ones, known ones, conflicting ones, and some for one subscription
// alone.
func (g *storeGame) enqueue() {
	var pubs []driver.Publication
	var text []string
	for range rapid.IntRange(1, 4).Draw(g.T, "publications") {
		p := g.publication()
		pubs = append(pubs, p)
		text = append(text, fmt.Sprintf("%s of %s with %v%s", p.Event.ID, p.Org, p.Topics, p.Only))
	}
	var r *driver.ClaimRequest
	if rapid.Bool().Draw(g.T, "born claimed") {
		r = g.request()
	}
	g.say("enqueued: %s%s", strings.Join(text, "; "), asText(r))
	results, claims, err := g.store.Enqueue(g.ctx, pubs, r)
	g.ok(err)
	g.must(len(results) == len(pubs), "%d results for %d publications", len(results), len(pubs))
	first := len(g.world.deliveries)
	for i := range pubs {
		g.enqueued(&pubs[i], &results[i])
	}
	g.must(r != nil || len(claims) == 0, "claims that nobody asked for")
	if r == nil {
		return
	}
	g.claimed(r, claims, func(d *delivery) bool { return slices.Contains(g.world.deliveries[first:], d) })
	for _, d := range g.world.deliveries[first:] {
		g.must(!d.test || d.token != "", "%s was not leased although it is a test", d)
	}
}

func (g *storeGame) publication() driver.Publication {
	p := driver.Publication{Org: rapid.SampledFrom(orgs).Draw(g.T, "org"),
		Topics: rapid.SampledFrom(topicSets).Draw(g.T, "topics")}
	p.Event.ID = fmt.Sprint("e", rapid.IntRange(1, 12).Draw(g.T, "event"))
	p.Event.Type = "x"
	p.Event.Body = []byte(p.Org + p.Event.ID)
	if rapid.IntRange(0, 5).Draw(g.T, "other body") == 0 {
		p.Event.Body, p.Digest = []byte("other"), [32]byte{1}
	}
	if rapid.IntRange(0, 5).Draw(g.T, "test") == 0 {
		p.Only = "nobody"
		if len(g.world.living()) > 0 {
			p.Only = rapid.SampledFrom(g.world.living()).Draw(g.T, "only").id
		}
	}
	return p
}

// enqueued takes one publication into the world.
func (g *storeGame) enqueued(p *driver.Publication, have *driver.Enqueued) {
	e := &event{org: p.Org, id: p.Event.ID, typ: "x", body: p.Event.Body, published: g.now}
	if known := g.world.events[e.key()]; known != nil {
		if p.Only != "" && errors.Is(have.Err, sender.ErrNotFound) && !have.Duplicate {
			return // of two complaints either may come first
		}
		conflict := string(known.body) != string(e.body)
		g.must(have.Duplicate && have.Deliveries == 0 && errors.Is(have.Err, sender.ErrConflict) == conflict,
			"%s is known, and the result %+v", e.id, have)
		return
	}
	var wanted []*sub
	inactive := 0
	for _, s := range g.world.living() {
		shares := slices.ContainsFunc(s.topics, func(t string) bool { return slices.Contains(p.Topics, t) })
		if s.org == p.Org && (p.Only == "" && shares || p.Only == s.id) {
			wanted = append(wanted, s)
			if s.status != sender.StatusActive && p.Only == "" {
				inactive++
				g.must(slices.Contains(have.Inactive, s.id), "%s is not among the inactive %v", s.name, have.Inactive)
			}
		}
	}
	if p.Only != "" && len(wanted) == 0 {
		g.must(errors.Is(have.Err, sender.ErrNotFound), "a test of %q gives %+v", p.Only, have)
		return
	}
	g.must(have.Err == nil && !have.Duplicate && have.Deliveries == len(wanted),
		"%s should have %d deliveries, and the result is %+v", e.id, len(wanted), have)
	g.must(p.Only != "" || len(have.Inactive) == inactive, "%v are inactive, not %d", have.Inactive, inactive)
	g.world.events[e.key()] = e
	list, err := g.store.Deliveries(g.ctx, sender.DeliveryQuery{Org: e.org, EventID: e.id, Limit: 1000})
	g.ok(err)
	g.must(len(list) == len(wanted), "%s has %d deliveries, not %d", e.id, len(list), len(wanted))
	for _, s := range wanted {
		i := slices.IndexFunc(list, func(d sender.Delivery) bool { return d.SubscriptionID == s.id })
		g.must(i >= 0, "%s has no delivery to %s", e.id, s.name)
		g.world.add(delivery{id: list[i].ID, event: e, sub: s, test: p.Only != "", created: g.now, due: g.now})
	}
}
