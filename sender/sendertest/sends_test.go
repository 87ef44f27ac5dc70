package sendertest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// publishContact stands for the code under test.
func publishContact(org *sender.Org) error {
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	if err != nil {
		return err
	}
	_, err = org.Publish(context.Background(), ev)
	return err
}

func subscribe(t testing.TB, org *sender.Org, e *sendertest.Endpoint) signature.Secret {
	t.Helper()
	_, secret, err := org.Subscribe(t.Context(), sender.Subscription{URL: e.URL, Events: []string{"*"}})
	require.NoError(t, err)
	e.Trust(secret)
	return secret
}

func only(t testing.TB, org *sender.Org) sender.Delivery {
	t.Helper()
	var all []sender.Delivery
	for d, err := range org.Deliveries(t.Context(), sender.DeliveryQuery{}) {
		require.NoError(t, err)
		all = append(all, d)
	}
	require.Len(t, all, 1)
	return all[0]
}

func TestSends(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(503), sendertest.Status(200))
	org := sendertest.New(t, sender.Config{}, e).Org("acme")
	subscribe(t, org, e)

	require.NoError(t, publishContact(org))

	requests := e.RequireRequests(2)
	require.Equal(t, requests, e.Requests())
	require.Equal(t, requests[0].Body, requests[1].Body)
	require.Equal(t, "1", requests[0].Header.Get("X-Kirim-Attempt"))
	require.Equal(t, "2", requests[1].Header.Get("X-Kirim-Attempt"))
	for _, r := range requests {
		require.Equal(t, "POST", r.Method)
		require.Equal(t, "/webhooks", r.URL)
		require.Equal(t, "contact.created", r.Header.Get("X-Kirim-Event"))
		require.WithinDuration(t, time.Now(), r.At, time.Minute)
	}
}

func TestOutcome(t *testing.T) {
	finished := make(chan sender.Delivery, 1)
	e := sendertest.NewEndpoint(t, sendertest.Status(500))
	org := sendertest.New(t, sender.Config{Hooks: sender.Hooks{
		Finished: func(_ context.Context, d sender.Delivery) { finished <- d },
	}}, e).Org("acme")
	subscribe(t, org, e)
	require.NoError(t, publishContact(org))
	require.Equal(t, sender.StateDead, (<-finished).State)
	e.RequireRequests(9)
}

// TestEveryPathOfAHost shows that an endpoint tells the subscriptions under one host apart.
func TestEveryPathOfAHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t)
		e.URL = "https://CRM.example:8443//a%2Fb?tenant=1"
		org := sendertest.New(t, sender.Config{}, e).Org("acme")
		subscribe(t, org, e)
		require.NoError(t, publishContact(org))
		require.Equal(t, "//a%2Fb?tenant=1", e.RequireRequests(1)[0].URL)
	})
}

func TestKirimScheduleTakesADay(t *testing.T) {
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t, sendertest.Status(503))
		org := sendertest.New(t, sender.Config{Contracts: []sender.Contract{sender.Kirim()}}, e).Org("acme")
		subscribe(t, org, e)
		require.NoError(t, publishContact(org))
		time.Sleep(48 * time.Hour)
		requests := e.RequireRequests(9)
		for n, r := range requests[1:] {
			scheduled, _ := sender.KirimSchedule().Wait(n + 1)
			require.InDelta(t, scheduled, r.At.Sub(requests[n].At), 0.2*float64(scheduled)+float64(time.Second), "wait %d", n+1)
		}
		require.Equal(t, sender.StateDead, only(t, org).State)
	})
	t.Logf("two days took %v", time.Since(began))
}

func TestPatienceCoversASchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t, sendertest.Status(503))
		e.Patience = 48 * time.Hour
		org := sendertest.New(t, sender.Config{Contracts: []sender.Contract{sender.Kirim()}}, e).Org("acme")
		subscribe(t, org, e)
		require.NoError(t, publishContact(org))
		e.RequireRequests(9)
	})
}

func TestHurried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t, sendertest.Status(503))
		org := sendertest.New(t, sender.Config{}, e).Org("acme")
		subscribe(t, org, e)
		require.NoError(t, publishContact(org))
		requests := e.RequireRequests(9)
		require.Equal(t, 8*time.Millisecond, requests[8].At.Sub(requests[0].At))
		synctest.Wait()
		require.Equal(t, sender.StateDead, only(t, org).State)
	})
}
