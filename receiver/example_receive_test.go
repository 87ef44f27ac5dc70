package receiver_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// An endpoint that exists already gets verified requests only, each event once.
func Example() {
	keys, err := signature.ParseKeyring("whsec_0123456789abcdef") // from the environment
	if err != nil {
		log.Fatal(err)
	}
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ev, _ := receiver.FromContext(r.Context())
		fmt.Println(ev.Type, ev.Source)
	})
	h, err := receiver.Handler(receiver.HTTP(endpoint), receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(keys)},
	})
	if err != nil {
		log.Fatal(err)
	}
	server := http.NewServeMux()
	server.Handle("/webhooks", h) // and http.ListenAndServe

	// What a sender would do, and repeat:
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{})
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, receivertest.Kirim(new(testing.T), keys.Secrets()[0], ev))
		fmt.Println(w.Code)
	}
	// Output:
	// contact.created kirim
	// 200
	// 200
}
