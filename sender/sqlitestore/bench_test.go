package sqlitestore_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// Bodies are 1 KiB, each event has one delivery; an operation is one event or one delivery.

func BenchmarkEnqueue(b *testing.B) {
	for _, size := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := fresh(b)
			for n := 0; b.Loop(); n++ {
				if n%size == 0 {
					enqueue(b, s, batch(fmt.Sprint("evt_", n, "_"), size, "x"))
				}
			}
		})
	}
}

// BenchmarkFanOut is one event for n subscriptions; an operation is one delivery.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, file(b), sqlitestore.Config{})
			for i := range n {
				subscribe(b, s, fmt.Sprint("s", i), "x")
			}
			for i := 0; b.Loop(); i++ {
				if i%n == 0 {
					enqueue(b, s, batch(fmt.Sprint("evt_", i, "_"), 1, "x"))
				}
			}
		})
	}
}

// BenchmarkBornClaimed is publish and settle without a claim between them.
func BenchmarkBornClaimed(b *testing.B) {
	for _, size := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := fresh(b)
			r := request(size)
			for n := 0; b.Loop(); n++ {
				if n%size != 0 {
					continue
				}
				_, claims, err := s.Enqueue(b.Context(), batch(fmt.Sprint("evt_", n, "_"), size, "x"), &r)
				require.NoError(b, err)
				require.Len(b, claims, size)
				_, err = s.Settle(b.Context(), delivered(claims))
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkCycle is claim and settle, drawn from what ten subscriptions have waiting.
func BenchmarkCycle(b *testing.B) {
	for _, size := range []int{1, 100, 500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, fill := backlog(b, sqlitestore.Config{}, 10)
			cycle(b, s, fill, request(size), size)
		})
	}
}

// BenchmarkLanes is a cycle of 100 over n subscriptions, each of which has few deliveries waiting if there are many.
func BenchmarkLanes(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, fill := backlog(b, sqlitestore.Config{}, n)
			cycle(b, s, fill, request(100), 100)
		})
	}
}

// backlog opens a store with n subscriptions, and returns what fills it.
func backlog(b *testing.B, cfg sqlitestore.Config, n int) (s *sqlitestore.Store, fill func()) {
	s = open(b, file(b), cfg)
	for i := range n {
		subscribe(b, s, fmt.Sprint("s", i), fmt.Sprint(i))
	}
	count := 0
	return s, func() {
		for range 20 {
			pubs := batch(fmt.Sprint("evt_", count, "_"), 1000)
			for i := range pubs {
				pubs[i].Topics = []string{fmt.Sprint(count % n)}
				count++
			}
			enqueue(b, s, pubs)
		}
	}
}

func cycle(b *testing.B, s driver.Store, fill func(), r driver.ClaimRequest, size int) {
	fill()
	for n := 0; b.Loop(); n++ {
		if n%size != 0 {
			continue
		}
		c, err := s.Claim(b.Context(), r)
		require.NoError(b, err)
		if len(c.Claims) < size {
			b.StopTimer()
			fill()
			b.StartTimer()
		}
		_, err = s.Settle(b.Context(), delivered(c.Claims))
		require.NoError(b, err)
	}
}

// BenchmarkHung is a cycle of 100 beside n deliveries of one subscription that quota holds back.
func BenchmarkHung(b *testing.B) {
	for _, n := range []int{0, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, fill := backlog(b, sqlitestore.Config{MayLoseCommits: true}, 10)
			subscribe(b, s, "hung", "hung")
			for i := range n / 10_000 {
				enqueue(b, s, small(fmt.Sprint("hung_", i, "_"), 10_000, "hung"))
			}
			r := request(100)
			r.Quota = map[string]int{"hung": 0}
			cycle(b, s, fill, r, 100)
		})
	}
}

// small is batch with bodies of two bytes.
func small(prefix string, n int, topics ...string) []driver.Publication {
	pubs := batch(prefix, n, topics...)
	for i := range pubs {
		pubs[i].Event.Body = []byte(`{}`)
	}
	return pubs
}
