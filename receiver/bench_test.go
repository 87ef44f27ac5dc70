package receiver_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// nowhere can what the ResponseWriter of net/http can, and does nothing.
type nowhere struct{ header http.Header }

func (w nowhere) Header() http.Header               { return w.header }
func (w nowhere) Write(p []byte) (int, error)       { return len(p), nil }
func (w nowhere) WriteString(s string) (int, error) { return len(s), nil }
func (w nowhere) WriteHeader(int)                   {}
func (w nowhere) SetReadDeadline(time.Time) error   { return nil }

// BenchmarkHandler is a whole request of 1 KiB without a network: from ServeHTTP to the answer.
func BenchmarkHandler(b *testing.B) {
	pad := strings.Repeat("x", 1024-len(nativeBody))
	native := bytes.Replace(nativeBody, []byte("ctc_1"), []byte("ctc_1"+pad), 1)
	status := bytes.Replace(statusBody("read", "1782864000"), []byte(`"62"`),
		fmt.Appendf(nil, `"62","biz_opaque_callback_data":%q`, strings.Repeat("x", 750)), 1)
	typed := receiver.NewMux()
	receiver.On(typed, kirim.ContactCreated,
		func(context.Context, *receiver.Event, kirim.ContactData) error { return nil })
	for name, bench := range map[string]struct {
		body []byte
		next receiver.EventHandler
		ttl  time.Duration
		key  func(envelope.Event) string
		sign string
	}{
		"native":    {body: native, ttl: 1},
		"typed":     {body: native, ttl: 1, next: typed},
		"status":    {body: status, ttl: 1},
		"duplicate": {body: native},
		"no-dedupe": {body: native, key: func(envelope.Event) string { return "" }},
		"forged":    {body: native, sign: "whsec_not-the-secret-at-all"},
	} {
		b.Run(name, func(b *testing.B) {
			d := receiver.Kirim(keys(kirimSecret))
			d.Key = bench.key
			next := bench.next
			if next == nil {
				next = returns(nil)
			}
			h, err := receiver.Handler(next, receiver.Config{
				Dialects: []receiver.Dialect{d},
				Dedupe:   &dedupe.Guard{TTL: bench.ttl}, // a nanosecond: each request is new again
				Logger:   slog.New(slog.DiscardHandler),
			})
			if err != nil {
				b.Fatal(err)
			}
			secret := kirimSecret
			if bench.sign != "" {
				secret = bench.sign
			}
			src := bytes.NewReader(bench.body)
			r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", io.NopCloser(src))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("User-Agent", "Kirim-Webhook/1.0")
			r.Header.Set("X-Kirim-Delivery-Id", "wbd_1")
			r.Header.Set("X-Kirim-Attempt", "1")
			r.Header.Set("X-Kirim-Signature", sign(secret, time.Now(), bench.body))
			w := nowhere{http.Header{}}
			b.SetBytes(int64(len(bench.body)))
			b.ReportAllocs()
			for b.Loop() {
				src.Reset(bench.body)
				h.ServeHTTP(w, r)
			}
		})
	}
}
