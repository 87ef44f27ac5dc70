package sender_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Purge at an hour of your own, and never in Run.
func ExampleSender_Purge() {
	s, err := sender.New(memstore.New(), sender.Config{
		Retention: sender.Retention{Finished: 7 * 24 * time.Hour, Every: -1},
	})
	if err != nil {
		log.Fatal(err)
	}
	purged, err := s.Purge(context.Background()) // from the job that runs at night
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(purged.Deliveries, purged.Events)
	// Output: 0 0
}
