package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/go-github/v88/github"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stripe/stripe-go/v85/webhook"
	svix "github.com/svix/svix-webhooks/go"

	"github.com/kirimhooks/kirimhooks/signature"
)

// signaturePeer is another library that verifies webhooks with HMAC-SHA256. All use the same key.
type signaturePeer struct {
	name string
	// sign makes what the library makes of a body; nil if it does not sign.
	sign func(id string, body []byte, now time.Time) error
	// present returns the headers that a sender adds for verify, in canonical form.
	present func(id string, body []byte, now time.Time) (http.Header, error)
	verify  func(h http.Header, body []byte) error
}

func signaturePeers(key []byte) ([]signaturePeer, error) {
	standard, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return nil, err
	}
	svixes, err := svix.NewWebhookRaw(key)
	if err != nil {
		return nil, err
	}
	return []signaturePeer{
		stripePeer(string(key)),
		standardPeer("standard-webhooks", "Webhook-", standard),
		standardPeer("svix", "Svix-", svixes),
		githubPeer(key),
	}, nil
}

func stripePeer(key string) signaturePeer {
	return signaturePeer{
		name: "stripe-go",
		// ComputeSignature does less than the others: it stops at the bytes of the MAC.
		sign: func(_ string, body []byte, now time.Time) error {
			webhook.ComputeSignature(now, body, key)
			return nil
		},
		present: func(_ string, body []byte, now time.Time) (http.Header, error) {
			signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: key, Timestamp: now})
			return http.Header{"Stripe-Signature": {signed.Header}}, nil
		},
		verify: func(h http.Header, body []byte) error {
			return webhook.ValidatePayload(body, h.Get("Stripe-Signature"), key)
		},
	}
}

// standardWebhook is what the libraries of Standard Webhooks and of Svix have in common.
type standardWebhook interface {
	Sign(id string, timestamp time.Time, payload []byte) (string, error)
	Verify(payload []byte, headers http.Header) error
}

func standardPeer(name, prefix string, lib standardWebhook) signaturePeer {
	return signaturePeer{
		name: name,
		sign: func(id string, body []byte, now time.Time) error {
			_, err := lib.Sign(id, now, body)
			return err
		},
		present: func(id string, body []byte, now time.Time) (http.Header, error) {
			text, err := lib.Sign(id, now, body)
			return http.Header{
				prefix + "Id": {id}, prefix + "Timestamp": {strconv.FormatInt(now.Unix(), 10)}, prefix + "Signature": {text},
			}, err
		},
		verify: func(h http.Header, body []byte) error { return lib.Verify(body, h) },
	}
}

// githubPeer verifies only. What GitHub sends is what Meta sends under another header.
func githubPeer(key []byte) signaturePeer {
	secret := signature.NewSecret(string(key))
	return signaturePeer{
		name: "go-github",
		present: func(_ string, body []byte, _ time.Time) (http.Header, error) {
			return http.Header{"X-Hub-Signature-256": {string(signature.SignMeta(nil, body, secret))}}, nil
		},
		verify: func(h http.Header, body []byte) error {
			return github.ValidateSignature(h.Get("X-Hub-Signature-256"), body, key)
		},
	}
}
