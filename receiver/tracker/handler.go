package tracker

import (
	"context"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// Handler returns an EventHandler that records what each event says in store and passes the event on to next, which
// may be nil. What cannot be recorded is not passed on either: the error goes to the caller, so that the event comes
// again. It is safe for concurrent use as store and next are, and panics if store is nil.
func Handler(store Store, next receiver.EventHandler) receiver.EventHandler {
	if store == nil {
		panic("tracker: Handler: nil store")
	}
	return receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		if list := Statuses(ev); len(list) > 0 {
			if err := store.Record(ctx, list...); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		return next.HandleEvent(ctx, ev)
	})
}
