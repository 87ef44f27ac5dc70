package main

import (
	"context"
	"errors"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
)

// duplicate: each end keeps the same event from having its effect twice.
func duplicate(ctx context.Context, s *stage) error {
	ev, err := kirim.NewEvent(kirim.ContactUpdated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_2"}})
	if err != nil {
		return err
	}
	before := s.integrator.count()
	first, _, err := s.platform.deliver(ctx, ev)
	if err != nil {
		return err
	}
	again, err := s.platform.org.Publish(ctx, ev)
	if err != nil {
		return err
	}
	s.say("published again", "duplicate: %t, deliveries: %d", again.Duplicate, again.Deliveries)

	if _, err := s.platform.org.Replay(ctx, first.ID); err != nil {
		return err
	}
	second, attempts, err := s.platform.outcome(ctx)
	if err != nil {
		return err
	}
	runs := s.integrator.count() - before
	s.say("delivered again", "answered with %d, yet handled %d time", attempts[0].StatusCode, runs)
	return errors.Join(
		expect("the first delivery", first.State, sender.StateDelivered),
		expect("that the receipt says duplicate", again.Duplicate, true),
		expect("the number of deliveries of a duplicate", again.Deliveries, 0),
		expect("the second delivery", second.State, sender.StateDelivered),
		expect("the number of runs", runs, 1),
	)
}
