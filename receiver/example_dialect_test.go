package receiver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

const acme envelope.Source = "acme"

// acmeScheme is how Acme signs: "Acme-Signature: t=<seconds>,v1=<hex>".
var acmeScheme = signature.Scheme{Header: "Acme-Signature", Payload: "{t}.{body}", Prefix: "v1=", Separator: ","}

// parseAcme reads bodies of {"uid", "kind", …}. The uid is signed with the body, and so may tell events apart.
func parseAcme(r receiver.Request) (ev envelope.Event, key string, err error) {
	members, err := envelope.Scan(r.Body)
	if err != nil {
		return ev, "", err
	}
	uid, _ := members.Text("uid")
	kind, _ := members.Text("kind")
	if uid == "" || kind == "" {
		return ev, "", fmt.Errorf("%w: no uid or no kind", envelope.ErrMalformed)
	}
	return envelope.Event{ID: uid, Source: acme, Type: kind}, uid, nil
}

// Any sender is a scheme and a function that reads its bodies. A test of the endpoint signs by the same scheme.
func ExampleSigned() {
	type order struct{ Amount int }
	paid := envelope.NewKind(acme, "order.paid", func(body []byte) (o order, err error) {
		return o, json.Unmarshal(body, &o)
	})
	mux := receiver.NewMux()
	receiver.On(mux, paid, func(_ context.Context, ev *receiver.Event, o order) error {
		fmt.Println(ev.Key, o.Amount)
		return nil
	})
	secret := signature.GenerateSecret()
	dialect := receiver.Signed("acme", acmeScheme, signature.NewKeyring(secret), parseAcme)
	h, err := receiver.Handler(mux, receiver.Config{Dialects: []receiver.Dialect{dialect}})
	if err != nil {
		panic(err)
	}
	t := new(testing.T) // the test's own
	event := envelope.Event{Body: []byte(`{"uid":"o-1","kind":"order.paid","amount":7}`)}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, receivertest.Request(t, &acmeScheme, secret, event))
	fmt.Println(w.Code)
	// Output:
	// acme:o-1 7
	// 200
}
