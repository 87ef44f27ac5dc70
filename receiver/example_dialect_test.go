package receiver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

const acme envelope.Source = "acme"

// acmeDialect is a sender of its own kind: a token in a header, and bodies of {"kind","uid"}.
func acmeDialect(keys *signature.Keyring) receiver.Dialect {
	return receiver.Dialect{
		Name:  "acme",
		Marks: []string{"X-Acme-"},
		Once:  []string{"X-Acme-Token"},
		Verify: func(r receiver.Request, _ time.Time) (int, error) {
			return signature.VerifyShared(r.Header.Get("X-Acme-Token"), keys.Secrets()...)
		},
		Parse: func(r receiver.Request) (envelope.Event, string, error) {
			var b struct{ Kind, UID string }
			if err := json.Unmarshal(r.Body, &b); err != nil || b.UID == "" {
				return envelope.Event{}, "", errors.New("acme: no uid")
			}
			return envelope.Event{ID: b.UID, Source: acme, Type: b.Kind}, b.UID, nil
		},
		Check: func() error {
			if keys == nil || len(keys.Secrets()) == 0 {
				return errors.New("no token")
			}
			return nil
		},
	}
}

// Any other sender is data and a few pure functions.
func ExampleDialect() {
	type paid struct{ Amount int }
	orderPaid := envelope.NewKind(acme, "order.paid", func(body []byte) (p paid, err error) {
		return p, json.Unmarshal(body, &p)
	})
	mux := receiver.NewMux()
	receiver.On(mux, orderPaid, func(_ context.Context, ev *receiver.Event, p paid) error {
		fmt.Println(ev.Key, p.Amount)
		return nil
	})
	keys := signature.NewKeyring(signature.NewSecret("a token"))
	h, err := receiver.Handler(mux, receiver.Config{Dialects: []receiver.Dialect{acmeDialect(keys)}})
	if err != nil {
		log.Fatal(err)
	}
	for _, token := range []string{"a token", "another"} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"kind":"order.paid","uid":"o-1","amount":7}`))
		r.Header.Set("X-Acme-Token", token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// acme:o-1 7
	// 200
	// 401
}
