package redisdedupe_test

import (
	"context"
	"fmt"
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/redisdedupe"
)

// Every process that guards the same keys makes such a guard. A receiver takes it as receiver.Config.Dedupe.
func Example() {
	client := redis.NewClient(&redis.Options{Addr: "redis:6379", ContextTimeoutEnabled: true})
	defer client.Close()
	store, err := redisdedupe.New(client, redisdedupe.Config{})
	if err != nil {
		log.Fatal(err)
	}
	guard := dedupe.Guard{Store: store, Prefix: "billing"}
	err = guard.Do(context.Background(), "evt_1", func(context.Context) error {
		fmt.Println("handled")
		return nil
	})
	if err != nil {
		log.Print(err)
	}
}
