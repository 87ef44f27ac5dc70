package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// endpointSecret is known to the process that sends and to those that receive.
const endpointSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// endpoint is a way to receive webhooks.
type endpoint struct {
	name     string
	trusting bool // takes what is forged
	extra    bool // for information, without a budget
	// body of an event; nil for Kirim's own.
	body func(ev envelope.Event) []byte
	// present returns the headers that prove where a body comes from.
	present func(id string, body []byte, now time.Time) (http.Header, error)
	// handler answers 2xx, and counts in handled what got through.
	handler func(handled *atomic.Int64) (http.Handler, error)
}

// endpoints are the floor, ours, and handlers that only verify.
func endpoints() ([]endpoint, error) {
	list := []endpoint{
		{
			name: "bare handler", trusting: true, present: presentKirim,
			handler: verifyOnly(func(http.Header, []byte) error { return nil }),
		},
		{name: "kirimhooks", present: presentKirim, handler: ourHandler(dispatched)},
	}
	peers, err := signaturePeers([]byte(endpointSecret))
	for _, p := range peers {
		list = append(list, endpoint{name: p.name, present: p.present, handler: verifyOnly(p.verify)})
	}
	return append(list,
		endpoint{name: "kirimhooks, not decoded", extra: true, present: presentKirim, handler: ourHandler(passedOn)},
		endpoint{
			name: "stripe-go ConstructEvent", extra: true, body: stripeBody, present: stripePeer(endpointSecret).present,
			handler: verifyOnly(func(h http.Header, body []byte) error {
				_, err := webhook.ConstructEvent(body, h.Get("Stripe-Signature"), endpointSecret)
				return err
			}),
		}), err
}

func presentKirim(_ string, body []byte, now time.Time) (http.Header, error) {
	text := signature.SignKirim(nil, body, now, signature.NewSecret(endpointSecret))
	return http.Header{"X-Kirim-Signature": {string(text)}}, nil
}

var errOtherText = errors.New("the message has another text")

// ourHandler is the whole of it: verified, agreeing with its headers, once per event.
func ourHandler(to func(handled *atomic.Int64) receiver.EventHandler) func(*atomic.Int64) (http.Handler, error) {
	return func(handled *atomic.Int64) (http.Handler, error) {
		return receiver.Handler(to(handled), receiver.Config{
			Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(signature.NewSecret(endpointSecret)))},
			Dedupe:   &dedupe.Guard{Store: dedupe.NewMemory(0)},
		})
	}
}

// dispatched gets events in the Go type of their kind.
func dispatched(handled *atomic.Int64) receiver.EventHandler {
	mux := receiver.NewMux()
	receiver.On(mux, kirim.MessageCreated, func(_ context.Context, _ *receiver.Event, data kirim.MessageData) error {
		if data.Message.Content != messageText {
			return errOtherText
		}
		handled.Add(1)
		return nil
	})
	return mux
}

// passedOn gets events as bytes.
func passedOn(handled *atomic.Int64) receiver.EventHandler {
	return receiver.HandlerFunc(func(context.Context, *receiver.Event) error {
		handled.Add(1)
		return nil
	})
}

// verifyOnly is an endpoint as the manuals of such libraries write it.
func verifyOnly(verify func(h http.Header, body []byte) error) func(*atomic.Int64) (http.Handler, error) {
	return func(handled *atomic.Int64) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
			if err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			if err := verify(r.Header, body); err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			handled.Add(1)
			w.WriteHeader(http.StatusOK)
		}), nil
	}
}
