package sender

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Receipt says what a publication did.
type Receipt struct {
	EventID    string
	Deliveries int  // subscriptions that get the event; 0 if none wants it, or for a duplicate
	Duplicate  bool // this org has published the event before
}

// Publish stores ev and one delivery for each subscription of the org that wants it, all or nothing. nil means that
// both are as durable as the store is. It may be called before Run and from any process.
//
// An event without ID, Type or CreatedAt takes them from its body, as far as its source states them, else a fresh id.
// Publishing the same id again does nothing and says Duplicate: for source meta whatever the bytes, since Meta repeats
// its own notifications; for other sources another body under the same id is [ErrConflict]. An id is known for as long
// as Retention.Identity says.
//
// Other errors: [ErrUnknownSource], [ErrTooLarge], [ErrInvalid]. After an error of the store or of ctx the event may be
// stored or not; publishing it again, under the same ID, is safe. ev.Body is not used after Publish has returned.
func (o *Org) Publish(ctx context.Context, ev envelope.Event) (Receipt, error) {
	pub, err := o.publication(ev)
	if err != nil {
		return Receipt{}, err
	}
	pub.Trace = o.s.traceparent(ctx)
	enqueued, err := o.s.publisher.Do(ctx, pub)
	if err == nil {
		err = enqueued.Err
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("sender: publish %s: %w", pub.Event.ID, bare(err))
	}
	o.activateBy(ctx, &pub.Event, enqueued.Inactive)
	return o.receipt(ctx, &pub, enqueued), nil
}

// PublishTx is Publish inside the caller's transaction: the event is published if and when tx commits, and a
// roll-back leaves nothing of it. tx is what the store's Tx method makes of a transaction of its database.
//
// A subscription that waits for a live event, as Kirisan's do for Telegram, becomes active by one published here only
// if this Sender Runs, now or within a minute; Publish needs no Run for that.
func (o *Org) PublishTx(ctx context.Context, tx driver.Enqueuer, ev envelope.Event) (Receipt, error) {
	pub, err := o.publication(ev)
	if err != nil {
		return Receipt{}, err
	}
	pub.Trace = o.s.traceparent(ctx)
	results, _, err := o.s.store.enqueue(ctx, tx, []driver.Publication{pub}, nil)
	if err == nil {
		err = results[0].Err
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("sender: publish %s: %w", pub.Event.ID, bare(err))
	}
	o.s.activateLater(o.id, &pub.Event, results[0].Inactive)
	return o.receipt(ctx, &pub, results[0]), nil
}

func (o *Org) receipt(ctx context.Context, pub *driver.Publication, e driver.Enqueued) Receipt {
	r := Receipt{EventID: pub.Event.ID, Deliveries: e.Deliveries, Duplicate: e.Duplicate}
	if hook := o.s.cfg.Hooks.Published; hook != nil {
		o.s.guarded(ctx, "Published", func() { hook(ctx, r) })
	}
	return r
}

// publication checks and completes ev, and finds its topics.
func (o *Org) publication(ev envelope.Event) (driver.Publication, error) {
	if !printable(o.id, 255) {
		return driver.Publication{}, errOrg
	}
	if len(ev.Body) > o.s.cfg.MaxBody {
		return driver.Publication{}, fmt.Errorf("%w: a body of %d bytes, at most %d fit", ErrTooLarge, len(ev.Body),
			o.s.cfg.MaxBody)
	}
	carriers := o.s.cfg.carriers(ev.Source)
	if len(carriers) == 0 {
		return driver.Publication{}, fmt.Errorf("%w: %q", ErrUnknownSource, ev.Source)
	}
	told := !ev.CreatedAt.IsZero()
	if err := identify(carriers, &ev); err != nil {
		return driver.Publication{}, err
	}
	if !told && !validTime(ev.CreatedAt) {
		ev.CreatedAt = time.Time{} // no body is refused for an odd time in it
	}
	ev.CreatedAt = ev.CreatedAt.UTC() // text forms of a time leave the seconds of a zone out
	pub := driver.Publication{Org: o.id, Event: ev}
	for _, c := range carriers {
		pub.Topics = append(pub.Topics, c.eventTopics(&ev)...)
	}
	if len(pub.Topics) > maxTopics {
		return driver.Publication{}, invalid("Type", "has %d dots, at most %d fit", strings.Count(ev.Type, "."),
			mostDots(carriers))
	}
	if err := validPublication(&pub); err != nil {
		return driver.Publication{}, err
	}
	if ev.Source != envelope.Meta {
		pub.Digest = sha256.Sum256(ev.Body)
	}
	return pub, nil
}

var errOrg = fmt.Errorf("%w: org: must be 1 to 255 printable ASCII characters", ErrInvalid)

// printable is the rule for what a host names itself, orgs and contracts: 1 to most bytes of visible ASCII.
func printable(s string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for _, b := range []byte(s) {
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return true
}
