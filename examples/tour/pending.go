package main

import (
	"context"
	"errors"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/sender"
)

// pendingTest: a subscription of Kirisan's gets nothing live before a test has succeeded.
func pendingTest(ctx context.Context, s *stage) error {
	org, sub := s.platform.org, s.platform.kirisan
	hello, err := kirisan.NewEvent(kirisan.IncomingMessageEvent, &kirisan.IncomingMessage{
		Device: sub.Devices[0].ID, Channel: sub.Devices[0].Channel, Message: kirisan.Message{Type: "text", Text: "Halo"},
	})
	if err != nil {
		return err
	}
	receipt, err := org.Publish(ctx, hello)
	if err != nil {
		return err
	}
	s.say(string(sub.Status), "a live message makes %d deliveries", receipt.Deliveries)

	attempt, err := org.Test(ctx, sub.ID, sender.TestRequest{})
	if err != nil {
		return err
	}
	if _, _, err := s.platform.outcome(ctx); err != nil {
		return err
	}
	tested, err := org.Subscription(ctx, sub.ID)
	if err != nil {
		return err
	}
	s.say(string(tested.Status), "after a test that was answered with %d in %v", attempt.StatusCode,
		attempt.Duration.Round(100*time.Microsecond))
	return errors.Join(
		expect("the status before the test", sub.Status, sender.StatusPendingTest),
		expect("the number of deliveries before the test", receipt.Deliveries, 0),
		expect("the answer to the test", attempt.StatusCode, 200),
		expect("the number of events handled", s.integrator.count(), 1),
		expect("the status after the test", tested.Status, sender.StatusActive),
	)
}
