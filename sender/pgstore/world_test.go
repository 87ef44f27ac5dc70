package pgstore_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		w := open(t)
		return storetest.Subject{Store: w.Store, Advance: w.advance, Spoil: w.spoil}
	})
}

func (w *world) in(text string) string { return strings.ReplaceAll(text, "{schema}", w.schema) }

func (w *world) exec(text string, args ...any) {
	w.Helper()
	_, err := w.pool.Exec(w.ctx, w.in(text), args...)
	require.NoError(w, err)
}

// count is the one number that a query gives.
func (w *world) count(text string, args ...any) (n int) {
	w.Helper()
	require.NoError(w, w.pool.QueryRow(w.ctx, w.in(text), args...).Scan(&n))
	return n
}

// minutes adds up one column of the minute counts, once nothing is left to fold into them.
func (w *world) minutes(column string) int {
	w.Helper()
	w.exec("select {schema}.add_minutes()")
	require.Zero(w, w.count("select count(*) from {schema}.minutes_to_add"))
	return w.count("select sum(" + column + ")::int from {schema}.minutes")
}

func (w *world) subscribe(org, id string, status driver.Status, topics ...string) {
	w.Helper()
	_, err := w.PutSubscription(w.ctx, driver.SubscriptionRecord{
		Subscription: driver.Subscription{Org: org, ID: id, URL: "https://example.com/", Status: status},
		Topics:       topics,
	})
	require.NoError(w, err)
}

func (w *world) turn(org, id string, status driver.Status) {
	w.Helper()
	list, err := w.Subscriptions(w.ctx, driver.SubscriptionQuery{Org: org, IDs: []string{id}})
	require.NoError(w, err)
	require.Len(w, list, 1)
	list[0].Status = status
	_, err = w.PutSubscription(w.ctx, list[0])
	require.NoError(w, err)
}

func publication(org, id string, topics ...string) driver.Publication {
	body := []byte(`{"id":"` + id + `"}`)
	return driver.Publication{
		Org: org, Event: envelope.Event{ID: id, Source: envelope.Kirim, Type: "t", Body: body},
		Topics: topics, Digest: sha256.Sum256(body),
	}
}

// publications makes n with ids of their own.
func publications(org, prefix string, n int, topics ...string) []driver.Publication {
	pubs := make([]driver.Publication, n)
	for i := range pubs {
		pubs[i] = publication(org, fmt.Sprint(prefix, i), topics...)
	}
	return pubs
}

func (w *world) publish(pubs ...driver.Publication) {
	w.Helper()
	results, _, err := w.Enqueue(w.ctx, pubs, nil)
	require.NoError(w, err)
	for _, r := range results {
		require.NoError(w, r.Err)
	}
}

func request(limit int) driver.ClaimRequest {
	return driver.ClaimRequest{Worker: "test", Limit: limit, PerSubscription: limit, Lease: time.Minute}
}

func (w *world) claim(r driver.ClaimRequest) driver.Claims {
	w.Helper()
	c, err := w.Store.Claim(w.ctx, r)
	require.NoError(w, err)
	return c
}

func (w *world) settle(outcomes ...driver.Outcome) []driver.Settled {
	w.Helper()
	s, err := w.Settle(w.ctx, outcomes)
	require.NoError(w, err)
	return s
}

// everything is a subscription to all events of an endpoint.
func everything(host string) driver.Subscription {
	return driver.Subscription{URL: "https://" + host + ".example.com/", Events: []string{"*"}}
}

// theOne selects a delivery of org a.
func theOne(id string) driver.DeliveryQuery { return driver.DeliveryQuery{Org: "a", IDs: []string{id}} }

func outcome(c driver.Claim, state driver.State, a *driver.Attempt, health driver.HealthEvent) driver.Outcome {
	return driver.Outcome{
		Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, Ref: c.Ref, EventID: c.Delivery.EventID,
		Subscription: c.Delivery.SubscriptionID, State: state, Attempt: a, Health: health,
	}
}

func delivered(c driver.Claim) driver.Outcome {
	a := &driver.Attempt{N: 1, StatusCode: 200, Duration: 7 * time.Millisecond}
	return outcome(c, driver.StateDelivered, a, driver.HealthSuccess)
}

func died(c driver.Claim) driver.Outcome {
	a := &driver.Attempt{N: 1, StatusCode: 500, Duration: 30 * time.Millisecond, Response: `\x00 isn't ünïcødé`}
	return outcome(c, driver.StateDead, a, driver.HealthDead)
}
