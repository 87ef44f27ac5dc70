package harness

import (
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// publisher is the host's code in a worker.
type publisher struct {
	sender  *sender.Sender
	opened  *Opened
	journal *Journal
	worker  string
	pass    func(Point)
	n       atomic.Int64
}

// publishOn publishes one event after the other until ctx ends.
func (p *publisher) publishOn(ctx context.Context) {
	for ctx.Err() == nil {
		id := eventID(p.worker, int(p.n.Add(1)))
		p.journal.write(intended(id))
		p.publish(ctx, id)
		idle(ctx, rand.N(100*time.Millisecond))
	}
}

// publish publishes until it is told that the event is durable, or can never be.
func (p *publisher) publish(ctx context.Context, id string) {
	o := orderOf(id)
	for ctx.Err() == nil {
		switch err := p.try(ctx, o); {
		case err == nil:
			p.journal.sync(entry{Op: opAccepted, Event: id})
			return
		case errors.Is(err, errWithdrawn):
			p.journal.write(entry{Op: opWithdrawn, Event: id})
			return
		case final(err):
			p.journal.write(entry{Op: opRefused, Event: id, Error: err.Error()})
			return
		}
		idle(ctx, rand.N(100*time.Millisecond))
	}
}

func (p *publisher) try(ctx context.Context, o order) error {
	// A host that shuts down stops to publish and lets what it has begun end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	org := p.sender.Org(o.org)
	if !o.host {
		_, err := org.Publish(ctx, o.event)
		return err
	}
	err := p.opened.Order(ctx, o.event.ID, func(tx driver.Enqueuer) error {
		if _, err := org.PublishTx(ctx, tx, o.event); err != nil {
			return err
		}
		p.pass(PointBeforeCommit)
		if o.withdraw {
			return errWithdrawn
		}
		return nil
	})
	if err == nil {
		p.pass(PointAfterCommit)
	}
	return err
}

var errWithdrawn = errors.New("harness: withdrawn")

// final reports whether err is about the event and not about the store.
func final(err error) bool {
	for _, about := range []error{sender.ErrConflict, sender.ErrInvalid, sender.ErrNotFound, sender.ErrTooLarge,
		sender.ErrUnknownSource, sender.ErrLimit} {
		if errors.Is(err, about) {
			return true
		}
	}
	return false
}

// unfinished lists what former workers of a slot were about to publish and have not been told of. Half of it is left as
// it is: then nobody ever says whether it happened, and it must be there whole or not at all.
func unfinished(journal string) ([]string, error) {
	entries, err := readJournal(journal)
	if err != nil {
		return nil, err
	}
	var left []string
	publications, _ := account(entries)
	for _, p := range publications {
		if !p.Accepted && !p.Withdrawn && p.Refused == "" && !forsaken(p.ID) {
			left = append(left, p.ID)
		}
	}
	return left, nil
}

func forsaken(id string) bool {
	h := fnv.New32a()
	h.Write([]byte(id))
	return h.Sum32()%2 == 0
}

func idle(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
