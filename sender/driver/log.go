package driver

import (
	"context"
	"time"
)

// Log is the record that people look at.
type Log interface {
	// Event returns a published event, or ErrNotFound, or ErrUnreadable.
	Event(ctx context.Context, org, id string) (StoredEvent, error)
	// Events lists newest first, after q.After, at most q.Limit, 100 if that is 0, without their bodies. An After that is
	// not known is ErrNotFound. One that does not decode has its Org, ID and PublishedAt, and what else can be read.
	Events(ctx context.Context, q EventQuery) ([]StoredEvent, error)
	// Deliveries lists newest first, after q.After, at most q.Limit, 100 if that is 0. Unknown IDs are left out. One
	// whose own row does not decode has its ID and Org, what else can be read, StateDead and ReasonUnreadable. Of an
	// event or a subscription that does not decode it shows what can be read.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)
	// Attempts lists the attempts of one delivery in the order they were logged, or ErrNotFound. One that does not
	// decode has what can be read of it, and ReasonUnreadable as its ErrorClass.
	Attempts(ctx context.Context, org, deliveryID string) ([]Attempt, error)

	// Replay makes a new delivery (same event, attempt 1, ReplayedFrom) for each finished delivery that r selects, at
	// most r.Limit. It returns old → new in the order of the list. One whose event or subscription is gone is passed
	// over.
	//
	// So is one of which a later delivery, of the same event and subscription, was delivered or is unfinished. So is
	// one of which a later one is selected too, be it before r.After. With r.Named only one whose own replay is
	// unfinished is passed over.
	Replay(ctx context.Context, r ReplayRequest) ([]Replayed, error)
	// RetryNow makes deliveries due now that q selects and that wait for a retry, at most q.Limit. It returns their ids
	// in q's order. Those that are due already, in flight or finished are passed over.
	RetryNow(ctx context.Context, q DeliveryQuery) (ids []string, err error)
	// Cancel ends unfinished deliveries that q selects in StateCancelled with [ReasonCancelled], at most q.Limit. It
	// returns them in q's order. Whoever holds a lapsed lease of one comes too late: the attempt is logged and changes
	// nothing.
	//
	// One in flight is marked and reads as before, but for the reason; Settle ends it. If its lease runs out first, it
	// ends in the next Claim at the latest. It ends like one that is taken over: with an Attempt of ClassUnknown. Marked
	// ones are passed over.
	Cancel(ctx context.Context, q DeliveryQuery) ([]Cancelled, error)
	// Purge deletes at most about r.Limit rows of three kinds, and returns how many; call it until 0. Finished
	// deliveries and their attempts go r.Finished after they finished. Events without deliveries go r.Identity after
	// they were published. The oldest held deliveries of an inactive subscription end in StateCancelled beyond
	// r.HeldMax or r.HeldAge.
	Purge(ctx context.Context, r PurgeRequest) (Purged, error)
	// Erase deletes whatever there is of an org, at most about limit rows, and returns how many; call it until 0. It
	// begins with the subscriptions, so that nothing is claimed any more. Outcomes of what is in flight change nothing.
	Erase(ctx context.Context, org string, limit int) (rows int, err error)
	// Minutes gives the counts of the last back, oldest first, minutes without an attempt left out. sub "" is the whole
	// org. An unknown one is ErrNotFound. Applied outcomes with an Attempt count, at the time of the settle. A store
	// may forget minutes older than 24 h, and leaves out counts that do not decode.
	Minutes(ctx context.Context, org, sub string, back time.Duration) ([]Minute, error)
}
