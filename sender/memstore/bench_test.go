package memstore_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

func subscribe(b testing.TB, s *memstore.Store, org, id string, topics ...string) {
	b.Helper()
	_, err := s.PutSubscription(context.Background(), driver.SubscriptionRecord{
		Subscription: driver.Subscription{ID: id, Org: org, URL: "https://example.com/", Status: driver.StatusActive},
		Topics:       topics,
	})
	require.NoError(b, err)
}

// batch makes n publications of 1 KiB each.
func batch(org, prefix string, n int, topic string) []driver.Publication {
	body := make([]byte, 1024)
	pubs := make([]driver.Publication, n)
	for i := range pubs {
		pubs[i] = driver.Publication{
			Org: org,
			Event: envelope.Event{ID: fmt.Sprintf("%s%d", prefix, i), Source: envelope.Kirim, Type: "contact.created",
				Body: body},
			Topics: []string{topic},
			Digest: sha256.Sum256(body),
		}
	}
	return pubs
}

func enqueue(b testing.TB, s *memstore.Store, pubs []driver.Publication) {
	b.Helper()
	_, _, err := s.Enqueue(context.Background(), pubs, nil)
	require.NoError(b, err)
}

func request(n int) driver.ClaimRequest {
	return driver.ClaimRequest{Limit: n, PerSubscription: 64, Lease: 30 * time.Second}
}

// Batches of 100 events of 1 KiB, one subscription each; time and bytes are per event.
func BenchmarkEnqueue(b *testing.B) {
	s := memstore.New()
	subscribe(b, s, "acme", "a", "x")
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%100 == 0 {
			b.StopTimer()
			pubs := batch("acme", fmt.Sprintf("evt_%d_", n), 100, "x")
			b.StartTimer()
			enqueue(b, s, pubs)
		}
	}
}

// One event for 10,000 subscriptions; the metric is per delivery.
func BenchmarkFanOut(b *testing.B) {
	const subs = 10_000
	s := memstore.New()
	for i := range subs {
		subscribe(b, s, "acme", fmt.Sprint("s", i), "x", fmt.Sprint("own", i))
	}
	n := 0
	for b.Loop() {
		enqueue(b, s, batch("acme", fmt.Sprintf("evt_%d_", n), 1, "x"))
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*subs), "ns/delivery")
}

// The life of a delivery after it was stored, in batches of 100 over 100 subscriptions; time is per delivery.
func BenchmarkClaimSettle(b *testing.B) {
	s := memstore.New()
	for i := range 100 {
		subscribe(b, s, "acme", fmt.Sprint("s", i), "x")
	}
	pubs := 0
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%100 != 0 {
			continue
		}
		if n%10_000 == 0 {
			b.StopTimer()
			pubs++
			enqueue(b, s, batch("acme", fmt.Sprintf("evt_%d_", pubs), 100, "x"))
			b.StartTimer()
		}
		cycle(b, s, 100)
	}
}

// cycle claims and settles n deliveries.
func cycle(b testing.TB, s *memstore.Store, n int) {
	ctx := context.Background()
	c, err := s.Claim(ctx, request(n))
	if err != nil || len(c.Claims) != n {
		b.Fatalf("%d claims, %v", len(c.Claims), err)
	}
	outcomes := make([]driver.Outcome, n)
	for i, c := range c.Claims {
		outcomes[i] = driver.Outcome{
			Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, Subscription: c.Delivery.SubscriptionID,
			State: driver.StateDelivered, Attempt: &driver.Attempt{N: 1, Duration: time.Millisecond, StatusCode: 200},
		}
	}
	if _, err := s.Settle(ctx, outcomes); err != nil {
		b.Fatal(err)
	}
}

// A million deliveries that hang beside healthy subscriptions must not make a claim dearer. Time is per claim of 100,
// released again; compare the two.
func BenchmarkClaimBesideAHungBacklog(b *testing.B) {
	for _, hung := range []int{0, 1_000_000} {
		b.Run(fmt.Sprintf("hung=%d", hung), func(b *testing.B) {
			ctx := context.Background()
			s := memstore.New()
			subscribe(b, s, "acme", "hung", "hung")
			for i := range 100 {
				subscribe(b, s, "acme", fmt.Sprint("s", i), "x")
			}
			for i := 0; i < hung; i += 1000 {
				enqueue(b, s, batch("acme", fmt.Sprintf("hung_%d_", i), 1000, "hung"))
			}
			enqueue(b, s, batch("acme", "evt_", 100, "x"))
			r := request(100)
			r.Quota = map[string]int{"hung": 0}
			runtime.GC()
			b.ReportAllocs()
			for b.Loop() {
				c, err := s.Claim(ctx, r)
				if err != nil || len(c.Claims) != 100 {
					b.Fatalf("%d claims, %v", len(c.Claims), err)
				}
				outcomes := make([]driver.Outcome, 100)
				for i, c := range c.Claims {
					outcomes[i] = driver.Outcome{Org: "acme", DeliveryID: c.Delivery.ID, Token: c.Token, State: driver.StatePending}
				}
				if _, err := s.Settle(ctx, outcomes); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a million pending deliveries over 10,000 subscriptions cost beyond the bodies of their events, and how long a
// full garbage collection then takes.
func BenchmarkPendingMillion(b *testing.B) {
	for _, fanOut := range []int{100, 1} {
		b.Run(fmt.Sprintf("fanout=%d", fanOut), func(b *testing.B) {
			const subs, deliveries = 10_000, 1_000_000
			for b.Loop() {
				before := heap()
				s := memstore.New()
				for i := range subs {
					subscribe(b, s, fmt.Sprint("org", i/100), fmt.Sprint("s", i), "all", fmt.Sprint("own", i%100))
				}
				empty := heap()
				bodies := 0
				for i := range deliveries / fanOut / 100 {
					topic := "all"
					if fanOut == 1 {
						topic = fmt.Sprint("own", i%100)
					}
					pubs := batch(fmt.Sprint("org", i%100), fmt.Sprintf("evt_%d_", i), 100, topic)
					for i := range pubs {
						pubs[i].Event.Body = pubs[i].Event.Body[:64]
						bodies += 64
					}
					enqueue(b, s, pubs)
				}
				full := heap()
				began := time.Now()
				runtime.GC()
				gc := time.Since(began)
				b.ReportMetric(float64(int(full-empty)-bodies)/deliveries, "B/delivery")
				b.ReportMetric(float64(empty-before)/subs, "B/subscription")
				b.ReportMetric(float64(gc.Microseconds())/1000, "ms/GC")
				runtime.KeepAlive(s)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
