package sender_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// A rotation makes a new secret. Until the overlap ends both sign, so that the receiver may change over whenever it
// likes.
func ExampleOrg_RotateSecret() {
	ctx := context.Background()
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		log.Fatal(err)
	}
	acme := s.Org("acme")
	sub, old, err := acme.Subscribe(ctx, sender.Subscription{URL: "https://example.com/hooks", Events: []string{"*"}})
	if err != nil {
		log.Fatal(err)
	}
	fresh, err := acme.RotateSecret(ctx, sub.ID, sender.Rotation{Overlap: 24 * time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	// Show fresh.Reveal() to the subscriber, this once. The receiver takes both meanwhile:
	keys := signature.NewKeyring(old)
	if err := keys.Replace(fresh, old); err != nil {
		log.Fatal(err)
	}
	sub, err = acme.Subscription(ctx, sub.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(sub.Secrets), "active; the older one ends:", !sub.Secrets[1].ExpiresAt.IsZero())
	fmt.Println(fresh) // a Secret never prints
	// Output:
	// 2 active; the older one ends: true
	// [secret]
}
