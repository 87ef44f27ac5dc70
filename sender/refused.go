package sender

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// retry tries again what the store refused, one by one, and abandons what it has refused for too long.
func (t *settler) retry(ctx context.Context, kept []conclusion) []conclusion {
	if len(kept) == 0 {
		return nil
	}
	kept = t.writeEach(ctx, kept)
	now := time.Now()
	past := func(c conclusion) bool { return now.After(c.keep) }
	for i := range kept {
		if past(kept[i]) {
			t.abandon(ctx, kept[i:i+1])
		}
	}
	return slices.DeleteFunc(kept, past)
}

// writeEach writes outcomes one by one, lest one that the store refuses takes the others with it, and returns those
// that were refused. After a few failures in a row it takes the store for the cause.
func (t *settler) writeEach(ctx context.Context, kept []conclusion) (refused []conclusion) {
	const hopeless = 3
	inARow := 0
	for i := range kept {
		if inARow == hopeless {
			return append(refused, kept[i:]...)
		}
		settled, err := t.s.settle(ctx, kept[i:i+1], 0)
		if err != nil {
			inARow++
			refused = append(refused, kept[i])
			continue
		}
		inARow = 0
		t.written(ctx, kept[i:i+1], settled)
	}
	return refused
}

// abandon leaves outcomes unwritten: the deliveries are tried again, here or elsewhere.
func (t *settler) abandon(ctx context.Context, kept []conclusion) {
	for i := range kept {
		t.s.cfg.Logger.ErrorContext(ctx, "outcome not written; the delivery is tried again when its lease runs out",
			kept[i].claim.logged()...)
	}
	t.written(ctx, kept, make([]driver.Settled, len(kept)))
}
