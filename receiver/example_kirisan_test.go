package receiver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http/httptest"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Kirisan gives events no id. Where a repeat would hurt, say what makes two of them the same.
func ExampleKirisan() {
	secret := signature.NewSecret("a word between us")
	kirisan := receiver.Kirisan(signature.NewKeyring(secret))
	kirisan.Key = func(ev envelope.Event) string {
		if ev.Type != "message_status" {
			return "" // two equal messages may both be meant
		}
		var s struct {
			Status    string
			MessageID string `json:"message_id"`
		}
		if json.Unmarshal(ev.Body, &s) != nil || s.MessageID == "" {
			return ""
		}
		return s.MessageID + ":" + s.Status
	}
	h, err := receiver.Handler(receiver.HandlerFunc(func(_ context.Context, ev *receiver.Event) error {
		fmt.Println(ev.Type, ev.Device, ev.Key)
		return nil
	}), receiver.Config{Dialects: []receiver.Dialect{kirisan}})
	if err != nil {
		log.Fatal(err)
	}
	ev := envelope.Event{
		Source: envelope.Kirisan, Type: "message_status", Device: "1055",
		Body: []byte(`{"event":"message_status","device":"1055","channel":"waba","message_id":"wamid.1","status":"read"}`),
	}
	for range 2 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, receivertest.Kirisan(new(testing.T), secret, ev))
		fmt.Println(w.Code)
	}
	// Output:
	// message_status 1055 kirisan:wamid.1:read
	// 200
	// 200
}

// Without a secret nothing is verified, and that has to be said.
func ExampleKirisanUnsigned() {
	_, err := receiver.Handler(receiver.NewMux(), receiver.Config{Dialects: []receiver.Dialect{receiver.Kirisan(nil)}})
	fmt.Println(err)
	_, err = receiver.Handler(receiver.NewMux(), receiver.Config{Dialects: []receiver.Dialect{receiver.KirisanUnsigned()}})
	fmt.Println(err)
	// Output:
	// receiver: dialect kirisan: no secret: give a keyring that holds at least one
	// <nil>
}
