package sender_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// An event that nobody wanted is found all the same.
func TestEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "contact.updated")
		var ids []string
		for range 230 {
			ids = append([]string{r.publish(t, contactCreated(t)).EventID}, ids...)
		}
		wanted := r.publish(t, empty(t, kirim.ContactUpdated)).EventID
		events := func(q sender.EventQuery) (found []string) {
			for e, err := range r.org.Events(t.Context(), q) {
				require.NoError(t, err)
				require.Equal(t, "acme", e.Org)
				require.Empty(t, e.Event.Body)
				found = append(found, e.Event.ID)
			}
			return found
		}
		require.Equal(t, append([]string{wanted}, ids...), events(sender.EventQuery{}))
		require.Equal(t, ids, events(sender.EventQuery{Undelivered: true}))
		require.Equal(t, ids[:120], events(sender.EventQuery{Type: "contact.created", Limit: 120}))
		require.Equal(t, ids[120:], events(sender.EventQuery{After: ids[119]}))
		require.Equal(t, []string{wanted}, events(sender.EventQuery{Org: "other", Type: "contact.updated"}),
			"the handle says whose")
		for _, err := range r.org.Events(t.Context(), sender.EventQuery{After: "evt_unknown"}) {
			require.ErrorIs(t, err, sender.ErrNotFound)
		}
		for range r.org.Events(t.Context(), sender.EventQuery{}) {
			break // nothing more is read
		}
	})
}

// What is in flight ends; nothing else is left, and nothing begins.
func TestErase(t *testing.T) {
	bubble(t, func(t *testing.T) {
		release := make(chan struct{})
		far := &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			<-release
			return reply(200), nil
		}}
		r := newRig(t, far, sender.Config{PerSubscription: 2})
		r.subscribe(t, "https://example.com/", "*")
		for range 1500 {
			r.publish(t, contactCreated(t))
		}
		synctest.Wait()
		flying := len(far.requests())
		require.NotZero(t, flying)
		rows, err := r.org.Erase(t.Context())
		require.NoError(t, err)
		require.Greater(t, rows, 3000, "a subscription, its deliveries, their events")
		close(release)
		synctest.Wait()
		require.Len(t, far.requests(), flying)
		require.Empty(t, r.deliveries(t, sender.DeliveryQuery{}))
		for range r.org.Events(t.Context(), sender.EventQuery{}) {
			t.Error("an event is left")
		}
		rows, err = r.org.Erase(t.Context())
		require.NoError(t, err)
		require.Zero(t, rows)

		ctx, cancel := context.WithCancelCause(t.Context())
		r.publish(t, contactCreated(t))
		cancel(errors.New("the operator left"))
		_, err = r.org.Erase(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "sender: erase org acme: ")
	})
}

func ExampleOrg_Events() {
	ctx := context.Background()
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		panic(err)
	}
	acme := s.Org("acme")
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1"}})
	if err != nil {
		panic(err)
	}
	if _, err := acme.Publish(ctx, ev); err != nil {
		panic(err)
	}
	for e, err := range acme.Events(ctx, sender.EventQuery{Undelivered: true, Limit: 20}) {
		fmt.Println(e.Event.Type, "reached nobody;", err)
	}
	// Output: contact.created reached nobody; <nil>
}

// A tenant leaves, and nothing of it may stay.
func ExampleOrg_Erase() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		panic(err)
	}
	left := s.Org("acme")
	if _, _, err := left.Subscribe(context.Background(),
		sender.Subscription{URL: "https://example.com/", Events: []string{"*"}}); err != nil {
		panic(err)
	}
	fmt.Println(left.Erase(context.Background()))
	// Output: 1 <nil>
}
