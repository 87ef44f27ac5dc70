package sender_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

func TestEndOverlap(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		sub, first := r.subscribe(t, "https://example.com/", "*")
		require.NoError(t, r.org.EndOverlap(t.Context(), sub.ID), "one secret alone stays")
		second, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{Overlap: 24 * time.Hour})
		require.NoError(t, err)
		require.NoError(t, r.org.EndOverlap(t.Context(), sub.ID))
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.Equal(t, []string{second.Reveal()}, signedBy(t, r.far.requests()[0], first, second.Reveal()))
		shown, err := r.org.Subscription(t.Context(), sub.ID)
		require.NoError(t, err)
		require.Len(t, shown.Secrets, 1)
		require.ErrorIs(t, r.org.EndOverlap(t.Context(), "wbs_unknown"), sender.ErrNotFound)
		require.ErrorIs(t, r.Org("other").EndOverlap(t.Context(), sub.ID), sender.ErrNotFound)
	})
}

// The receiver has changed over, or the old secret has leaked: it need not sign until the overlap ends.
func ExampleOrg_EndOverlap() {
	ctx := context.Background()
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	acme := s.Org("acme")
	sub, _, err := acme.Subscribe(ctx, sender.Subscription{URL: "https://example.com/hooks", Events: []string{"*"}})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := acme.RotateSecret(ctx, sub.ID, sender.Rotation{Overlap: 24 * time.Hour}); err != nil {
		log.Fatal(err)
	}
	if err := acme.EndOverlap(ctx, sub.ID); err != nil {
		log.Fatal(err)
	}
	sub, err = acme.Subscription(ctx, sub.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(sub.Secrets))
	// Output: 1
}

// A page has a limit; the next one goes on after the last id seen.
func TestPagesOfSubscriptions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{MaxSubscriptions: -1})
		for range 230 {
			r.subscribe(t, "https://example.com/", "*")
		}
		page := func(q sender.SubscriptionQuery) (ids []string) {
			for sub, err := range r.org.Subscriptions(t.Context(), q) {
				require.NoError(t, err)
				ids = append(ids, sub.ID)
			}
			return ids
		}
		all := page(sender.SubscriptionQuery{})
		require.Len(t, all, 230)
		require.IsIncreasing(t, all)
		require.Equal(t, all[:130], page(sender.SubscriptionQuery{Limit: 130}))
		require.Equal(t, all[130:], page(sender.SubscriptionQuery{Limit: 130, After: all[129]}))
		require.Equal(t, all[2:4], page(sender.SubscriptionQuery{IDs: []string{all[3], all[2], "wbs_unknown"}}))
		require.Empty(t, page(sender.SubscriptionQuery{Org: "acme", After: all[229]}))
		require.Len(t, page(sender.SubscriptionQuery{Org: "other"}), 230, "the handle says whose they are")
	})
}
