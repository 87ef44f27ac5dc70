package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// The two tenants of every case.
const (
	acme  = "org_acme"
	rival = "org_rival"
)

// world is a case's store and the words in which cases speak of it. Everything happens in org acme unless it says
// otherwise.
type world struct {
	T
	driver.Store // guarded
	bare         driver.Store
	ctx          context.Context
	pass         func(time.Duration) // lets time go by
	moves        bool                // any time, not only moments
	// moment is a time that every subject can let pass, and long enough for a slow store to answer a few calls.
	moment  time.Duration
	batches int // made by judged
	spoil   func(table Table, org, id string, n int) bool
}

func newWorld(t T, s Subject) *world {
	w := &world{T: t, Store: guard{s.Store}, bare: s.Store, ctx: t.Context(), pass: s.Advance, moves: true,
		moment: 30 * time.Second, spoil: s.Spoil}
	if s.Advance == nil {
		w.moves, w.moment = false, 300*time.Millisecond
		w.pass = func(d time.Duration) { time.Sleep(d + d/20) }
	}
	return w
}

// canPass reports whether as much as d can pass here, and logs that the rest of the case is not run if it cannot.
func (w *world) canPass(d time.Duration) bool {
	w.Helper()
	if w.moves {
		return true
	}
	w.Logf("not run: needs %v to pass, and Subject.Advance is nil", d)
	return false
}

func record(org, id string, topics ...string) driver.SubscriptionRecord {
	return driver.SubscriptionRecord{
		Subscription: driver.Subscription{
			ID: id, Org: org, URL: "https://example.com/" + id, Contract: "kirim", Events: []string{"*"},
			Status: driver.StatusActive, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		Topics: topics,
	}
}

// subscribe creates an active subscription and returns it as it now stands.
func (w *world) subscribe(id string, topics ...string) driver.SubscriptionRecord {
	w.Helper()
	return w.create(record(acme, id, topics...))
}

func (w *world) create(r driver.SubscriptionRecord) driver.SubscriptionRecord {
	w.Helper()
	_, err := w.PutSubscription(w.ctx, r)
	require.NoError(w, err)
	return w.subscription(r.Org, r.ID)
}

func (w *world) subscription(org, id string) driver.SubscriptionRecord {
	w.Helper()
	list, err := w.Subscriptions(w.ctx, driver.SubscriptionQuery{Org: org, IDs: []string{id}})
	require.NoError(w, err)
	require.Len(w, list, 1, "subscription %s of %s", id, org)
	return list[0]
}

// turn puts a subscription into another status.
func (w *world) turn(id string, status driver.Status) {
	w.Helper()
	r := w.subscription(acme, id)
	r.Status = status
	_, err := w.PutSubscription(w.ctx, r)
	require.NoError(w, err)
}

func publication(org, id string, topics ...string) driver.Publication {
	body := fmt.Appendf(nil, `{"id":%q,"type":"contact.created"}`, id)
	return driver.Publication{
		Org:    org,
		Event:  envelope.Event{ID: id, Source: envelope.Kirim, Type: "contact.created", Body: body},
		Topics: topics,
		Digest: sha256.Sum256(body),
	}
}

// enqueue stores publications without leasing.
func (w *world) enqueue(pubs ...driver.Publication) []driver.Enqueued {
	w.Helper()
	results, claims, err := w.Enqueue(w.ctx, pubs, nil)
	require.NoError(w, err)
	require.Empty(w, claims, "claims that nobody asked for")
	require.Len(w, results, len(pubs))
	return results
}

// publish stores one event and demands that it was new.
func (w *world) publish(id string, topics ...string) driver.Enqueued {
	w.Helper()
	e := w.enqueue(publication(acme, id, topics...))[0]
	require.NoError(w, e.Err)
	require.False(w, e.Duplicate, "event %s", id)
	return e
}

// publishMany stores n events, in batches.
func (w *world) publishMany(prefix string, n int, topics ...string) {
	w.Helper()
	for from := 0; from < n; from += 500 {
		var batch []driver.Publication
		for i := from; i < min(from+500, n); i++ {
			batch = append(batch, publication(acme, fmt.Sprintf("%s%05d", prefix, i), topics...))
		}
		for _, e := range w.enqueue(batch...) {
			require.NoError(w, e.Err)
		}
	}
}

// request asks for n deliveries under a lease that no case outlives by accident.
func request(n int) driver.ClaimRequest {
	return driver.ClaimRequest{Worker: "storetest", Limit: n, PerSubscription: n, Lease: 20 * time.Minute}
}

// claim is one Claim.
func (w *world) claim(r driver.ClaimRequest) driver.Claims {
	w.Helper()
	c, err := w.Claim(w.ctx, r)
	require.NoError(w, err)
	require.LessOrEqual(w, len(c.Claims), max(0, r.Limit), "more than the limit")
	return c
}

// gather claims until n are there, or enough calls gave nothing: one Claim may give less than it could.
func (w *world) gather(r driver.ClaimRequest, n int) []driver.Claim {
	w.Helper()
	var got []driver.Claim
	for idle := 0; len(got) < n && idle < 100; {
		if r.Limit > n-len(got) {
			r.Limit = n - len(got)
		}
		c := w.claim(r)
		got = append(got, c.Claims...)
		if len(c.Claims) > 0 {
			idle = 0
		} else {
			idle++
		}
	}
	return got
}

// take claims n deliveries, no fewer.
func (w *world) take(n int) []driver.Claim {
	w.Helper()
	got := w.gather(request(n), n)
	require.Len(w, got, n, "deliveries that could be claimed")
	return got
}

// one claims the only delivery there is to claim.
func (w *world) one() driver.Claim {
	w.Helper()
	c := w.take(1)[0]
	w.nothing()
	return c
}

// nothing demands that there is nothing to claim.
func (w *world) nothing() {
	w.Helper()
	for range 3 {
		require.Empty(w, w.claim(request(10)).Claims, "nothing may be claimed now")
	}
}

func outcome(c driver.Claim, state driver.State, a *driver.Attempt) driver.Outcome {
	return driver.Outcome{
		Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, EventID: c.Delivery.EventID,
		Subscription: c.Delivery.SubscriptionID, Ref: c.Ref, State: state, Attempt: a,
	}
}

func attempt(n, status int) *driver.Attempt {
	return &driver.Attempt{N: n, Duration: 7 * time.Millisecond, StatusCode: status, Response: "response " + fmt.Sprint(n)}
}

// settleAll is one Settle.
func (w *world) settleAll(outcomes ...driver.Outcome) []driver.Settled {
	w.Helper()
	settled, err := w.Settle(w.ctx, outcomes)
	require.NoError(w, err)
	require.Len(w, settled, len(outcomes))
	return settled
}

// settle settles one outcome and demands that it applied.
func (w *world) settle(o driver.Outcome) driver.Settled {
	w.Helper()
	s := w.settleAll(o)[0]
	require.True(w, s.Applied, "the token held the delivery")
	return s
}

// finish claims what there is to claim, one delivery, and ends it after one attempt.
func (w *world) finish(state driver.State) driver.Delivery {
	w.Helper()
	c := w.one()
	w.settle(outcome(c, state, attempt(1, 200)))
	return w.delivery(c.Delivery.ID)
}

func (w *world) deliveries(q driver.DeliveryQuery) []driver.Delivery {
	w.Helper()
	if q.Org == "" {
		q.Org = acme
	}
	list, err := w.Deliveries(w.ctx, q)
	require.NoError(w, err)
	return list
}

func (w *world) delivery(id string) driver.Delivery {
	w.Helper()
	list := w.deliveries(driver.DeliveryQuery{IDs: []string{id}})
	require.Len(w, list, 1, "delivery %s", id)
	require.Equal(w, id, list[0].ID)
	return list[0]
}

// only is the one delivery of an event.
func (w *world) only(eventID string) driver.Delivery {
	w.Helper()
	list := w.deliveries(driver.DeliveryQuery{EventID: eventID})
	require.Len(w, list, 1, "deliveries of event %s", eventID)
	return list[0]
}

func (w *world) attempts(deliveryID string) []driver.Attempt {
	w.Helper()
	list, err := w.Attempts(w.ctx, acme, deliveryID)
	require.NoError(w, err)
	return list
}

func eventIDs(claims []driver.Claim) []string {
	ids := make([]string, len(claims))
	for i, c := range claims {
		ids[i] = c.Delivery.EventID
	}
	return ids
}

func ids(list []driver.Delivery) []string {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	return ids
}
