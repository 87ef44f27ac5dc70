package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/signature"
)

// forgery: only a timestamp and the body are signed. Neither a guessed secret nor a header that was changed on the way
// gets an event past the receiver, or keeps a genuine one out.
func forgery(ctx context.Context, s *stage) error {
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_3"}})
	if err != nil {
		return err
	}
	before := s.integrator.count()
	guessed, err := s.post(ctx, ev, ev.ID, signature.GenerateSecret())
	if err != nil {
		return err
	}
	s.say("another secret", "%d", guessed)
	genuine := s.integrator.keys.Secrets()[0]
	poisoned, err := s.post(ctx, ev, "evt_of_another_event", genuine)
	if err != nil {
		return err
	}
	s.say("another id in a header", "%d, although the body is signed", poisoned)
	forged := s.integrator.count() - before
	_, attempts, err := s.platform.deliver(ctx, ev)
	if err != nil {
		return err
	}
	s.say("the genuine event", "%d", attempts[0].StatusCode)
	return errors.Join(
		expect("the answer to a wrong secret", guessed, 401),
		expect("the answer to a poisoned header", poisoned, 400),
		expect("the number of forged events handled", forged, 0),
		expect("the answer to the genuine event", attempts[0].StatusCode, 200),
		expect("the number of genuine events handled", s.integrator.count()-before, 1),
	)
}

// post sends a request as Kirim does, with an id in its header and a secret of the forger's choice.
func (s *stage) post(
	ctx context.Context, ev envelope.Event, headerID string, secret signature.Secret,
) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.integrator.url(), bytes.NewReader(ev.Body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Kirim-Source", string(ev.Source))
	r.Header.Set("X-Kirim-Event", ev.Type)
	r.Header.Set("X-Kirim-Event-Id", headerID)
	r.Header.Set("X-Kirim-Signature", string(signature.SignKirim(nil, ev.Body, time.Now(), secret)))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}
