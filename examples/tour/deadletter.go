package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
)

// deadLetter: an endpoint fails until the schedule ends. Nothing is lost: once the endpoint is mended, the event is
// sent again.
func deadLetter(ctx context.Context, s *stage) error {
	ev, err := kirim.NewEvent(kirim.CustomerCreated, kirim.CustomerData{Customer: kirim.Customer{ID: "cus_1"}})
	if err != nil {
		return err
	}
	before := s.integrator.count()
	s.integrator.fail(4, errors.New("a bug"))
	dead, attempts, err := s.platform.deliver(ctx, ev)
	if err != nil {
		return err
	}
	statuses := make([]string, len(attempts))
	for i, a := range attempts {
		statuses[i] = fmt.Sprint(a.StatusCode)
	}
	s.say(fmt.Sprintf("%d attempts", len(attempts)), "%s: %s, %s", strings.Join(statuses, " "), dead.State, dead.Reason)

	if _, err := s.platform.org.Replay(ctx, dead.ID); err != nil {
		return err
	}
	replayed, _, err := s.platform.outcome(ctx)
	if err != nil {
		return err
	}
	s.say("mended and replayed", "%s at attempt %d, the same event id", replayed.State, replayed.Attempt)
	return errors.Join(
		expect("the number of attempts", len(attempts), 4),
		expect("the state at the end of the schedule", dead.State, sender.StateDead),
		expect("the state of the replay", replayed.State, sender.StateDelivered),
		expect("the attempts of the replay", replayed.Attempt, 1),
		expect("what the replay repeats", replayed.ReplayedFrom, dead.ID),
		expect("the event id", replayed.EventID, ev.ID),
		expect("the number of events handled", s.integrator.count()-before, 1),
	)
}
