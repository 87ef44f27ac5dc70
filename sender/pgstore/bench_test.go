package pgstore_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

var batches = []int{1, 10, 100, 500}

// serverCPU is how long all processes of the server have run; 0 where it is not on this machine.
func (w *world) serverCPU() (total time.Duration) {
	parent := func(dir string) string {
		stat, _ := os.ReadFile(dir + "/stat")
		_, rest, _ := strings.Cut(string(stat), ") ")
		f := strings.Fields(rest)
		if len(f) < 2 {
			return ""
		}
		return f[1]
	}
	postmaster := parent(fmt.Sprint("/proc/", w.count("select pg_backend_pid()")))
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, d := range dirs {
		if postmaster == "" || parent(d) != postmaster {
			continue
		}
		b, _ := os.ReadFile(d + "/schedstat")
		ns, _, _ := strings.Cut(string(b), " ")
		n, _ := strconv.ParseInt(ns, 10, 64)
		total += time.Duration(n)
	}
	return total
}

// perDelivery reports wall time and server CPU of a benchmark whose operation is a batch of n.
func (w *world) perDelivery(b *testing.B, n int, run func()) {
	b.ReportAllocs()
	before := w.serverCPU()
	b.ResetTimer()
	for range b.N {
		run()
	}
	b.StopTimer()
	all := float64(b.N * n)
	b.ReportMetric(float64((w.serverCPU()-before).Microseconds())/all, "µs-server/delivery")
	b.ReportMetric(all/b.Elapsed().Seconds(), "deliveries/s")
}

// directory makes n subscriptions s0… of org o: topic all matches every one, u0… one each.
func (w *world) directory(n int) {
	w.Helper()
	w.exec(`insert into {schema}.subscriptions (org, id, number, version, status, topics, record)
		select 'o', 's' || i, ((i::bigint * 2654435761 % 4294967296 >> 26) << 56) | (i + 1), 1, 'active',
			array['all', 'u' || i],
			jsonb_build_object('ID', 's' || i, 'Org', 'o', 'Status', 'active')
		from generate_series(0, $1::int - 1) i`, n)
	w.exec(`insert into {schema}.health (org, subscription) select org, number from {schema}.subscriptions`)
	w.exec(`insert into {schema}.topics (org, topic, subscription)
		select org, unnest(topics), number from {schema}.subscriptions`)
}

// kib are n new events of 1 KiB, one subscription of 1,000 each.
type kib struct{ n int }

func (k *kib) publications(n int) []driver.Publication {
	pubs := make([]driver.Publication, n)
	body := []byte(`{"pad":"` + strings.Repeat("x", 1014) + `"}`)
	for i := range pubs {
		k.n++
		pubs[i] = publication("o", fmt.Sprint("e", k.n), fmt.Sprint("u", k.n%1000), "nobody", "none")
		pubs[i].Event.Body = body
	}
	return pubs
}

func BenchmarkEnqueue(b *testing.B) {
	for _, leasing := range []bool{false, true} {
		for _, n := range batches {
			b.Run(fmt.Sprintf("leasing=%v/batch=%d", leasing, n), func(b *testing.B) {
				w := open(b)
				w.directory(1000)
				w.exec("analyze")
				var k kib
				w.perDelivery(b, n, func() {
					var r *driver.ClaimRequest
					if leasing {
						all := request(n)
						r = &all
					}
					_, claims, err := w.Enqueue(w.ctx, k.publications(n), r)
					require.NoError(b, err)
					require.Equal(b, leasing, len(claims) == n)
				})
			})
		}
	}
}

func BenchmarkClaimSettle(b *testing.B) {
	for _, n := range batches {
		for _, what := range []string{"claim", "settle"} {
			b.Run(fmt.Sprintf("%s/batch=%d", what, n), func(b *testing.B) {
				w := open(b)
				w.directory(1000)
				w.exec("analyze")
				var k kib
				var claims []driver.Claim
				prepare := func(want int) {
					for made := 0; made < want; made += 500 {
						w.publish(k.publications(500)...)
					}
				}
				take := func() {
					for len(claims) < n {
						c := w.claim(request(n))
						claims = append(claims, c.Claims...)
						if len(c.Claims) == 0 && !c.More {
							b.Fatal("nothing is left")
						}
					}
				}
				finish := func() {
					var done []driver.Outcome
					for _, c := range claims[:n] {
						done = append(done, delivered(c))
					}
					claims = claims[n:]
					w.settle(done...)
				}
				prepare(b.N*n + n)
				if what == "claim" {
					w.perDelivery(b, n, func() {
						take()
						claims = claims[n:]
					})
					return
				}
				for len(claims) < b.N*n {
					claims = append(claims, w.claim(request(500)).Claims...)
				}
				w.perDelivery(b, n, finish)
			})
		}
	}
}

// BenchmarkPublish is one event of 1 KiB for one subscription, by as many callers at once.
func BenchmarkPublish(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			w := open(b)
			s, err := sender.New(w.Store, config(nil))
			require.NoError(b, err)
			org := s.Org("a")
			_, _, err = org.Subscribe(b.Context(), everything("s"))
			require.NoError(b, err)
			var n atomic.Int64
			var wg sync.WaitGroup
			before, own := w.serverCPU(), ownCPU()
			b.ResetTimer()
			for range callers {
				wg.Go(func() {
					for {
						i := n.Add(1)
						if i > int64(b.N) {
							return
						}
						if _, err := org.Publish(b.Context(), native(fmt.Sprint("evt_", i))); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64((w.serverCPU()-before).Microseconds())/float64(b.N), "µs-server/event")
			b.ReportMetric(float64((ownCPU()-own).Microseconds())/float64(b.N), "µs-client/event")
		})
	}
}

// BenchmarkDrain delivers a backlog of 50,000 for 100 subscriptions, attempt log and all, to a far end in this process.
func BenchmarkDrain(b *testing.B) {
	const backlog, subs = 50_000, 100
	for range b.N {
		b.StopTimer()
		w := open(b)
		var arrived atomic.Int64
		cfg := config(func(*http.Request) int { arrived.Add(1); return http.StatusOK })
		publisher, err := sender.New(w.Store, cfg)
		require.NoError(b, err)
		for i := range subs {
			_, _, err := publisher.Org("a").Subscribe(b.Context(), everything(fmt.Sprint("s", i)))
			require.NoError(b, err)
		}
		for i := range backlog / subs {
			_, err := publisher.Org("a").Publish(b.Context(), native(fmt.Sprint("evt_", i)))
			require.NoError(b, err)
		}
		w.exec("vacuum analyze {schema}.unfinished_deliveries")
		before, own := w.serverCPU(), ownCPU()
		b.StartTimer()
		_, stop := run(b, w.peer(), cfg)
		for w.count("select count(*) from {schema}.attempts where state = 1") < backlog {
			time.Sleep(20 * time.Millisecond)
		}
		b.StopTimer()
		stop()
		require.EqualValues(b, backlog, arrived.Load())
		b.ReportMetric(float64((w.serverCPU()-before).Microseconds())/backlog, "µs-server/delivery")
		b.ReportMetric(float64((ownCPU()-own).Microseconds())/backlog, "µs-client/delivery")
	}
	b.ReportMetric(float64(b.N*backlog)/b.Elapsed().Seconds(), "deliveries/s")
}
