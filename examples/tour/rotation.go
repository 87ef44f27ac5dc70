package main

import (
	"context"
	"errors"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
)

// rotation: while two secrets sign, the integrator changes over when it likes.
func rotation(ctx context.Context, s *stage) error {
	old := s.integrator.keys.Secrets()[0]
	fresh, err := s.platform.org.RotateSecret(ctx, s.platform.kirim.ID, sender.Rotation{Overlap: time.Hour})
	if err != nil {
		return err
	}
	withOld, err := s.verifiedWith(ctx)
	if err != nil {
		return err
	}
	s.say("both sign", "an integrator with the old secret: %d", withOld)
	if err := s.integrator.keys.Replace(fresh); err != nil {
		return err
	}
	withNew, err := s.verifiedWith(ctx)
	if err != nil {
		return err
	}
	s.say("changed over", "an integrator with the new secret: %d", withNew)
	return errors.Join(
		expect("the answer of an integrator with the old secret", withOld, 200),
		expect("the answer of an integrator with the new secret", withNew, 200),
		expect("that the new secret is the old", fresh.Equal(old), false),
	)
}

// verifiedWith delivers an event and returns what the integrator, with the secrets it has, answers at once.
func (s *stage) verifiedWith(ctx context.Context) (status int, err error) {
	ev, err := kirim.NewEvent(kirim.ConversationClosed, kirim.ConversationData{})
	if err != nil {
		return 0, err
	}
	_, attempts, err := s.platform.deliver(ctx, ev)
	if err != nil {
		return 0, err
	}
	return attempts[0].StatusCode, nil
}
