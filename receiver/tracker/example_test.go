package tracker_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// Statuses come late, twice and out of order; the row says what became of the message.
func ExampleMemory() {
	ctx, store := context.Background(), tracker.NewMemory()
	key := tracker.Key{Source: envelope.Meta, Line: "106540352242922", ID: "wamid.1"}
	sent := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, s := range []tracker.Status{
		{Key: key, Step: tracker.Read, At: sent.Add(time.Minute)},
		{Key: key, Step: tracker.Sent, At: sent},
		{Key: key, Step: tracker.Sent, At: sent},
	} {
		if err := store.Record(ctx, s); err != nil {
			log.Fatal(err)
		}
	}
	messages, err := store.Get(ctx, "wamid.1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(messages), messages[0].Step)
	// Output: 1 read
}
