package receiver_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// The whole way of a WhatsApp message through a platform: Meta's webhook is received and verified, the event is
// published under the tenant it belongs to, and every subscription gets Meta's own bytes under the platform's
// signature. Meta repeats what it saw no answer to; the platform's customers do not notice.
func Example_whatsApp() {
	const notification = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{` +
		`"metadata":{"phone_number_id":"201"},"messages":[{"from":"62812","id":"wamid.A1","timestamp":"1782950400","type":"text","text":{"body":"Halo"}}]}}]}]}`

	// Two customers of the platform.
	arrived := make(chan string)
	customer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived <- fmt.Sprintln(r.Header.Get("X-Kirim-Event"), r.Header.Get("X-Kirim-Event-Id"), string(body) == notification)
	}))
	defer customer.Close()

	// The platform sends …
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s, err := sender.New(memstore.New(), sender.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	org := s.Org("acme") // found by the phone number id in a platform of many tenants
	for _, path := range []string{"/crm", "/helpdesk"} {
		sub := sender.Subscription{URL: customer.URL + path, Events: []string{"message.received"}}
		if _, _, err := org.Subscribe(ctx, sub); err != nil {
			log.Fatal(err)
		}
	}

	// … what it receives from Meta.
	publish := receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		receipt, err := org.Publish(ctx, ev.Event)
		if err == nil {
			fmt.Println("deliveries:", receipt.Deliveries, "duplicate:", receipt.Duplicate)
		}
		return err
	})
	appSecret := signature.NewSecret("the-app-secret-of-the-platform")
	verifyToken := signature.NewSecret("a-token-of-its-choice")
	meta := func() http.Handler { // a fresh one has no memory of events, as another process of the platform
		dialect := receiver.Meta(signature.NewKeyring(appSecret), verifyToken)
		h, err := receiver.Handler(publish, receiver.Config{Dialects: []receiver.Dialect{dialect}})
		if err != nil {
			log.Fatal(err)
		}
		return h
	}
	post := func(h http.Handler) {
		r := httptest.NewRequest("POST", "/meta", bytes.NewReader([]byte(notification)))
		r.Header.Set("X-Hub-Signature-256", string(signature.SignMeta(nil, []byte(notification), appSecret)))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println("Meta sees", w.Code)
	}
	post(meta())
	fmt.Print(<-arrived, <-arrived)
	post(meta()) // Meta's own retry, at another process
	stop()
	<-ended
	// Output:
	// deliveries: 2 duplicate: false
	// Meta sees 200
	// message.received wamid.A1 true
	// message.received wamid.A1 true
	// deliveries: 0 duplicate: true
	// Meta sees 200
}
