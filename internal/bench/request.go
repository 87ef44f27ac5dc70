package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
)

var messageText = strings.Repeat("Pesanan Anda sedang dikemas. ", 23)

// newMessage is a new event of 1 KiB.
func newMessage() (envelope.Event, error) {
	return kirim.NewEvent(kirim.MessageCreated, kirim.MessageData{Message: kirim.Message{
		ID: kirim.NewID("msg_"), Object: "message", Status: "queued", Direction: "outbound", Type: "text",
		To:      "+6281200000001",
		Content: messageText, ConversationID: kirim.NewID("cnv_"), CreatedAt: kirim.Time{Time: time.Now()},
	}})
}

// stripeBody is an event of Stripe's of the same size, the only kind that ConstructEvent takes.
func stripeBody(ev envelope.Event) []byte {
	const form = `{"id":%q,"object":"event","api_version":%q,"created":%d,"livemode":true,"pending_webhooks":1,` +
		`"type":"payment_intent.created","data":{"object":{"id":"pi_1","object":"payment_intent","amount":1000,"description":%q}}}`
	return fmt.Appendf(nil, form, ev.ID, stripe.APIVersion, ev.CreatedAt.Unix(), messageText)
}

// request is a new event as it goes over the wire. Only what proves its origin differs between endpoints: headers that
// some senders add and others do not would be measured along with the handlers.
func (e endpoint) request(now time.Time) (*http.Request, error) {
	ev, err := newMessage()
	if err != nil {
		return nil, err
	}
	body := []byte(ev.Body)
	if e.body != nil {
		body = e.body(ev)
	}
	proof, err := e.present(ev.ID, body, now)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, "http://endpoint.test"+endpointPath, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = kirimHeader(ev.ID, ev.Type)
	for name, values := range proof {
		r.Header[name] = values
	}
	return r, nil
}

// requests are n of them in bytes, so that sending them costs the machine little.
func (e endpoint) requests(n int) ([][]byte, error) {
	now := time.Now()
	list := make([][]byte, n)
	for i := range list {
		r, err := e.request(now)
		if err != nil {
			return nil, err
		}
		if list[i], err = wire(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// forgery is a request whose body was changed after it was signed.
func (e endpoint) forgery() ([]byte, error) {
	r, err := e.requests(1)
	if err != nil {
		return nil, err
	}
	return bytes.Replace(r[0], []byte("dikemas"), []byte("dikirim"), 1), nil
}

// kirimHeader is that of the first attempt of an event in Kirim's dialect, unsigned.
func kirimHeader(id, eventType string) http.Header {
	return http.Header{
		"Content-Type":        {"application/json"},
		"User-Agent":          {"Kirim-Webhook/1.0"},
		"X-Kirim-Source":      {string(envelope.Kirim)},
		"X-Kirim-Event":       {eventType},
		"X-Kirim-Event-Id":    {id},
		"X-Kirim-Delivery-Id": {"wbd_" + strings.TrimPrefix(id, "evt_")},
		"X-Kirim-Attempt":     {"1"},
	}
}

func wire(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
