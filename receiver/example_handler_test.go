package receiver_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Handler refuses a configuration that would let anybody in, or nobody, and says all that is wrong with it.
func ExampleHandler() {
	short := signature.NewKeyring(signature.NewSecret("whsec_short"))
	_, err := receiver.Handler(receiver.NewMux(), receiver.Config{
		MaxBody:  -1,
		Dialects: []receiver.Dialect{receiver.Kirim(short), receiver.Kirisan(nil)},
	})
	fmt.Println(err)
	// Output:
	// receiver: Config.MaxBody: -1 is negative; a body without a limit is not offered
	// receiver: dialect kirim: secret 0: 11 bytes, at least 16 are needed
	// receiver: dialect kirisan: no secret: give a keyring that holds at least one
}

// What an endpoint that exists already answers decides: a 2xx ends the matter, anything else leaves the event for a
// retry.
func ExampleHTTP() {
	statuses := []int{http.StatusBadGateway, http.StatusAccepted}
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("runs", r.Header.Get("X-Kirim-Event-Id"))
		w.WriteHeader(statuses[0])
		statuses = statuses[1:]
	})
	secret := signature.NewSecret("whsec_0123456789abcdef")
	h, err := receiver.Handler(receiver.HTTP(endpoint), receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))},
	})
	if err != nil {
		log.Fatal(err)
	}
	body := []byte(`{"id":"evt_1","type":"contact.created","data":{}}`)
	ev := envelope.Event{ID: "evt_1", Source: envelope.Kirim, Body: body}
	for range 3 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, receivertest.Kirim(new(testing.T), secret, ev))
		fmt.Println(w.Code)
	}
	// Output:
	// runs evt_1
	// 502
	// runs evt_1
	// 200
	// 200
}
