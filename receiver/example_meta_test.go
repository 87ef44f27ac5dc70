package receiver_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// A platform that Meta itself calls: the handshake, then notifications.
func ExampleMeta() {
	appSecret := signature.NewSecret("0123456789abcdef0123456789abcdef")
	h, err := receiver.Handler(receiver.HandlerFunc(func(_ context.Context, ev *receiver.Event) error {
		fmt.Println(ev.Type, ev.ID)
		return nil
	}), receiver.Config{Dialects: []receiver.Dialect{
		receiver.Meta(signature.NewKeyring(appSecret), signature.NewSecret("as in the dashboard")),
	}})
	if err != nil {
		log.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet,
		"/?hub.mode=subscribe&hub.challenge=1158&hub.verify_token=as+in+the+dashboard", nil))
	fmt.Println(w.Code, w.Body)

	w = httptest.NewRecorder()
	body := []byte(`{"entry":[{"changes":[{"field":"messages","value":{"statuses":[{"id":"wamid.1","status":"read","timestamp":"1782864000"}]}}]}]}`)
	h.ServeHTTP(w, receivertest.Meta(new(testing.T), appSecret, body))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 1158
	// message.status wamid.1:read:1782864000
	// 200 OK
}
