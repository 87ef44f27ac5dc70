package dedupe_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

func ExampleGuard() {
	var guard dedupe.Guard // over a Memory; set Store to guard several processes
	ctx := context.Background()
	handle := func(id string, fn func(context.Context) error) {
		switch err := guard.Do(ctx, id, fn); {
		case err == nil:
			fmt.Println(id, "handled")
		case errors.Is(err, dedupe.ErrDuplicate):
			fmt.Println(id, "was handled before")
		default:
			fmt.Println(id, "comes again:", err)
		}
	}
	handle("evt_1", func(context.Context) error { return errors.New("database is away") })
	handle("evt_1", func(context.Context) error { return nil })
	handle("evt_1", func(context.Context) error { return nil })
	// Output:
	// evt_1 comes again: database is away
	// evt_1 handled
	// evt_1 was handled before
}

func ExampleGuard_prefix() {
	store := dedupe.NewMemory(0)
	billing := dedupe.Guard{Store: store, Prefix: "billing"}
	mail := dedupe.Guard{Store: store, Prefix: "mail"}
	ran := func(context.Context) error { return nil }
	fmt.Println(billing.Do(context.Background(), "evt_1", ran))
	fmt.Println(mail.Do(context.Background(), "evt_1", ran))
	fmt.Println(mail.Do(context.Background(), "evt_1", ran))
	// Output:
	// <nil>
	// <nil>
	// dedupe: already done
}

func ExampleStoreError() {
	guard := dedupe.Guard{Store: unreachable{}}
	handle := func(context.Context) error { fmt.Println("handled"); return nil }

	err := guard.Do(context.Background(), "evt_1", handle)
	var failed *dedupe.StoreError
	if errors.As(err, &failed) && failed.Op == "claim" {
		fmt.Println("unguarded:", err)
		err = handle(context.Background()) // the sender will not send it again
	}
	fmt.Println(err)
	// Output:
	// unguarded: dedupe: claim: connection refused
	// handled
	// <nil>
}

type unreachable struct{ dedupe.Store }

func (unreachable) Claim(context.Context, string, string, time.Duration) (dedupe.State, time.Duration, error) {
	return 0, 0, errors.New("connection refused")
}
