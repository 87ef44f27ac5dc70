package main

import (
	"context"
	"errors"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/sender"
)

// retry: a handler asks to be tried again, and is.
func retry(ctx context.Context, s *stage) error {
	const asked = time.Second
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1"}})
	if err != nil {
		return err
	}
	before := s.integrator.count()
	s.integrator.fail(1, receiver.RetryAfter(errors.New("the database restarts"), asked))
	d, attempts, err := s.platform.deliver(ctx, ev)
	if err != nil {
		return err
	}
	runs := s.integrator.since(before)
	if err := errors.Join(expect("the number of attempts", len(attempts), 2),
		expect("the number of events handled", len(runs), 1)); err != nil {
		return err
	}
	first, second := attempts[0], attempts[1]
	waited := second.At.Sub(first.At)
	s.say("attempt 1", "%d, Retry-After: %.0f", first.StatusCode, asked.Seconds())
	s.say("attempt 2", "%d, %.1f s later, the same event id", second.StatusCode, waited.Seconds())
	return errors.Join(
		expect("the first answer", first.StatusCode, 503),
		expect("the second answer", second.StatusCode, 200),
		expect("that the wait was kept", waited >= asked, true),
		expect("the state", d.State, sender.StateDelivered),
		expect("the event id", runs[0].ID, ev.ID),
		expect("the attempt that was handled", runs[0].Attempt, 2),
	)
}
