package sender

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// maxAll is how many events of PublishAll share a transaction.
const maxAll = 1000

// Published is what became of one event of [Org.PublishAll].
type Published struct {
	Receipt
	Err error // nil: the event is stored
}

// PublishAll is Publish for many events. Up to 1,000 of them, or 8 MiB of bodies, share a transaction, so that each
// costs a fraction. The results have the indexes of events. An event that Publish would refuse is refused alone, by its
// Err.
//
// The error is the store's or that of ctx. It is also the Err of the events that it kept from being stored. Those of
// the transaction that failed may be stored or not. Publishing them again is safe, under the EventID that their result
// names.
func (o *Org) PublishAll(ctx context.Context, events []envelope.Event) ([]Published, error) {
	results := make([]Published, len(events))
	pubs := make([]driver.Publication, 0, len(events))
	index := make([]int, 0, len(events)) // pubs[i] is events[index[i]]
	trace := o.s.traceparent(ctx)
	for i, ev := range events {
		pub, err := o.publication(ev)
		if err != nil {
			results[i].Err = err
			continue
		}
		pub.Trace = trace
		results[i].EventID = pub.Event.ID
		pubs, index = append(pubs, pub), append(index, i)
	}
	for len(pubs) > 0 {
		n := together(pubs)
		if err := o.publishTogether(ctx, pubs[:n], index[:n], results); err != nil {
			for _, i := range index {
				results[i].Err = err
			}
			return results, err
		}
		pubs, index = pubs[n:], index[n:]
	}
	return results, nil
}

// together is how many of the first publications share a transaction.
func together(pubs []driver.Publication) int {
	bytes := 0
	for i := range min(len(pubs), maxAll) {
		if bytes += len(pubs[i].Event.Body); bytes > maxBodies && i > 0 {
			return i
		}
	}
	return min(len(pubs), maxAll)
}

func (o *Org) publishTogether(ctx context.Context, pubs []driver.Publication, index []int, results []Published) error {
	if ctx.Err() != nil {
		return fmt.Errorf("sender: publish %d events: %w", len(pubs), context.Cause(ctx))
	}
	enqueued, err := o.s.enqueue(ctx, pubs)
	if err != nil {
		return fmt.Errorf("sender: publish %d events: %w", len(pubs), bare(err))
	}
	for i, e := range enqueued {
		r := &results[index[i]]
		if e.Err != nil {
			r.Err = fmt.Errorf("sender: publish %s: %w", pubs[i].Event.ID, bare(e.Err))
			continue
		}
		o.activateBy(ctx, &pubs[i].Event, e.Inactive)
		r.Receipt = o.receipt(ctx, &pubs[i], e)
	}
	return nil
}
