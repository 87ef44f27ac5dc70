package sqlinbox_test

import (
	"context"
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// Once the handler is mended, dead letters run again.
func ExampleInbox_List() {
	var inbox *sqlinbox.Inbox // from New
	ctx := context.Background()
	if inbox == nil {
		return
	}
	dead, err := inbox.List(ctx, sqlinbox.Query{State: sqlinbox.Dead})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range dead {
		fmt.Println(e.ID, e.Event.Type, e.Lane, e.Failures, e.LastError)
		if err := inbox.Replay(ctx, e.ID); err != nil {
			log.Fatal(err)
		}
	}
}
