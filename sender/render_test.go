package sender_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

func rendered(render func(envelope.Event) ([]byte, string, error)) sender.Config {
	standard := sender.Standard()
	standard.Render = render
	return sender.Config{Contracts: []sender.Contract{standard}, MaxBody: 1000}
}

// What is rendered is what is signed and sent, at each attempt; the event stays as it was published.
func TestRender(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(500, 200), rendered(func(ev envelope.Event) ([]byte, string, error) {
			return []byte("paid: " + ev.Type + string(ev.Body)), "text/plain; charset=utf-8", nil
		}))
		_, secret, err := r.org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
		require.NoError(t, err)
		body := `{"type":"invoice.paid","data":{}}`
		receipt := r.publish(t, envelope.Event{Source: envelope.Standard, Body: []byte(body)})
		time.Sleep(time.Minute)
		got := r.far.requests()
		require.Len(t, got, 2)
		for _, g := range got {
			require.Equal(t, "paid: invoice.paid"+body, string(g.body))
			require.Equal(t, "text/plain; charset=utf-8", g.header.Get("Content-Type"))
			_, err := signature.VerifyStandard(g.header.Get("Webhook-Id"), g.header.Get("Webhook-Timestamp"),
				g.header.Get("Webhook-Signature"), g.body, g.at, 0, secret)
			require.NoError(t, err)
		}
		stored, err := r.org.Event(t.Context(), receipt.EventID)
		require.NoError(t, err)
		require.Equal(t, body, string(stored.Event.Body))
	})
}

// What cannot be rendered is a fault of ours: nothing is sent, and no attempt is consumed.
func TestRenderFails(t *testing.T) {
	for name, render := range map[string]func(envelope.Event) ([]byte, string, error){
		"error":        func(envelope.Event) ([]byte, string, error) { return nil, "", errors.New("no template") },
		"panic":        func(envelope.Event) ([]byte, string, error) { panic("no template") },
		"empty":        func(envelope.Event) ([]byte, string, error) { return nil, "text/plain", nil },
		"too large":    func(envelope.Event) ([]byte, string, error) { return []byte(strings.Repeat("b", 1001)), "", nil },
		"header split": func(envelope.Event) ([]byte, string, error) { return []byte("b"), "a/b\r\nX-Admin: 1", nil },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, statuses(200), rendered(render))
				_, _, err := r.org.Subscribe(t.Context(),
					sender.Subscription{URL: "https://example.com/", Events: []string{"*"}})
				require.NoError(t, err)
				r.publish(t, envelope.Event{Source: envelope.Standard, Body: []byte(`{"type":"invoice.paid","data":{}}`)})
				time.Sleep(time.Second)
				require.Empty(t, r.far.requests())
				n := 0
				for d, err := range r.org.Deliveries(t.Context(), sender.DeliveryQuery{}) {
					require.NoError(t, err)
					require.Equal(t, sender.StatePending, d.State)
					require.Zero(t, d.Attempt)
					n++
				}
				require.Equal(t, 1, n)
			})
		})
	}
}
