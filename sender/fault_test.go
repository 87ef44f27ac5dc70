package sender_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// A store that answers for more or fewer than it was asked is refused, and nothing panics or stalls.
func TestStoreThatAnswersWrongly(t *testing.T) {
	t.Run("Enqueue", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRigOn(t, forgetful{memstore.New()}, statuses(200), sender.Config{})
			_, err := r.org.Publish(t.Context(), contactCreated(t))
			require.ErrorContains(t, err, "the store answered 0 of 1 publications")
		})
	})
	t.Run("Enqueue of claims", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRigOn(t, generous{memstore.New()}, statuses(200), sender.Config{})
			sub, _ := r.subscribe(t, "https://example.com/", "*")
			_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.ErrorContains(t, err, "the store leased 2 deliveries, at most 1 were asked for")
		})
	})
	t.Run("Settle", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			store := newHooked()
			var broken atomic.Bool
			broken.Store(true)
			store.settled = func(s []driver.Settled) []driver.Settled {
				if broken.Load() {
					return s[:0]
				}
				return s
			}
			r := newRigOn(t, store, statuses(200), sender.Config{})
			r.subscribe(t, "https://example.com/", "*")
			r.publish(t, contactCreated(t))
			time.Sleep(time.Second)
			require.Contains(t, r.logs.String(), "the store answered 0 of 1 outcomes")
			broken.Store(false)
			time.Sleep(5 * time.Second)
			r.publish(t, contactCreated(t))
			time.Sleep(5 * time.Second)
			require.Len(t, r.far.requests(), 2)
			require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 2)
		})
	})
	t.Run("Claim", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			store := newHooked()
			var broken atomic.Bool
			broken.Store(true)
			store.claimed = func(c *driver.Claims) {
				for broken.Load() && len(c.Claims) > 0 && len(c.Claims) <= 256 {
					c.Claims = append(c.Claims, c.Claims[0])
				}
			}
			r := newRigOn(t, store, statuses(200), sender.Config{})
			r.stop()
			r.subscribe(t, "https://example.com/", "*")
			r.publish(t, contactCreated(t))
			r.run(t)
			time.Sleep(10 * time.Second)
			require.Contains(t, r.logs.String(), "the store leased 257 deliveries")
			require.Empty(t, r.far.requests())
			broken.Store(false)
			time.Sleep(time.Minute)
			require.Len(t, r.far.requests(), 1)
		})
	})
	t.Run("a claim without its event or subscription", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			store := newHooked()
			var broken atomic.Int64
			store.claimed = func(c *driver.Claims) {
				for i := range c.Claims {
					switch broken.Add(1) {
					case 1:
						c.Claims[i].Event = nil
					case 2:
						c.Claims[i].Subscription = nil
					}
				}
			}
			r := newRigOn(t, store, statuses(200), sender.Config{})
			r.stop()
			r.subscribe(t, "https://example.com/", "*")
			r.publish(t, contactCreated(t))
			r.run(t)
			time.Sleep(5 * time.Minute)
			require.EqualValues(t, 3, broken.Load())
			require.Len(t, r.far.requests(), 1)
			require.Equal(t, sender.StateDelivered, r.only(t).State)
			require.NotContains(t, r.logs.String(), "panicked")
		})
	})
}

type generous struct{ *memstore.Store }

func (g generous) Enqueue(
	ctx context.Context, p []driver.Publication, c *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	results, claims, err := g.Store.Enqueue(ctx, p, c)
	return results, append(claims, claims...), err
}

type forgetful struct{ *memstore.Store }

func (f forgetful) Enqueue(
	ctx context.Context, p []driver.Publication, c *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	return nil, nil, nil
}

// A panic of whoever wrote the contract ends no process and loses nothing; a request that may be out shows in the log.
func TestContractThatPanics(t *testing.T) {
	tests := map[string]struct {
		spoil   func(*sender.Contract, *atomic.Bool)
		unknown bool // a request was made
	}{
		"Classify": {func(c *sender.Contract, broken *atomic.Bool) {
			classify := c.Classify
			c.Classify = func(r sender.Result) sender.Verdict {
				if broken.Load() {
					panic("SECRET of the panic")
				}
				return classify(r)
			}
		}, true},
		"Schedule": {func(c *sender.Contract, broken *atomic.Bool) { c.Schedule = panickingSchedule{broken} }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var broken atomic.Bool
				contract := sender.Kirim()
				tt.spoil(&contract, &broken)
				r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{contract}})
				broken.Store(true)
				r.subscribe(t, "https://example.com/", "*")
				r.publish(t, contactCreated(t))
				time.Sleep(30 * time.Second)
				d := r.only(t)
				require.Equal(t, sender.StatePending, d.State)
				require.Zero(t, d.Attempt)
				if tt.unknown {
					require.Equal(t, sender.ClassUnknown, r.attempts(t, d.ID)[0].ErrorClass)
				}
				require.Contains(t, r.logs.String(), "attempt panicked")
				require.NotContains(t, r.logs.String(), "SECRET")
				broken.Store(false)
				time.Sleep(2 * time.Minute)
				require.Equal(t, sender.StateDelivered, r.only(t).State)
			})
		})
	}
	t.Run("Disable", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			contract := sender.Kirim()
			contract.Disable = func(sender.Health) bool { panic("no") }
			r := newRig(t, statuses(404), sender.Config{Contracts: []sender.Contract{contract}})
			sub, _ := r.subscribe(t, "https://example.com/", "*")
			r.publish(t, contactCreated(t))
			synctest.Wait()
			require.Equal(t, sender.StateDead, r.only(t).State)
			require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
		})
	})
	t.Run("transport", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRig(t, &farEnd{answer: func(n int, _ *http.Request) (*http.Response, error) {
				if n == 1 {
					return nil, nil
				}
				return reply(200), nil
			}}, sender.Config{})
			r.subscribe(t, "https://example.com/", "*")
			r.publish(t, contactCreated(t))
			time.Sleep(2 * time.Minute)
			require.Equal(t, sender.StateDelivered, r.only(t).State)
			require.Equal(t, sender.ClassUnknown, r.attempts(t, r.only(t).ID)[0].ErrorClass)
			require.Contains(t, r.logs.String(), "nil pointer", "faults of the runtime are named")
		})
	})
}

type panickingSchedule struct{ broken *atomic.Bool }

func (p panickingSchedule) Wait(n int) (time.Duration, bool) {
	if p.broken.Load() {
		panic("no schedule")
	}
	return time.Second, n < 9
}

// A key service that hangs holds a worker for StoreTimeout, not for ever.
func TestSealerThatHangs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		sealer := &hangingSealer{}
		r := newRig(t, statuses(200), sender.Config{Sealer: sealer, Workers: 1})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		sealer.hangs.Store(true)
		r.publish(t, contactCreated(t))
		time.Sleep(15 * time.Second)
		require.Contains(t, r.logs.String(), "attempt could not be made")
		began := time.Now()
		_, err := r.org.RotateSecret(t.Context(), sub.ID, sender.Rotation{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 10*time.Second, time.Since(began))
		sealer.hangs.Store(false)
		time.Sleep(2 * time.Minute)
		require.Equal(t, sender.StateDelivered, r.only(t).State)
	})
}

type hangingSealer struct{ hangs atomic.Bool }

func (h *hangingSealer) Seal(ctx context.Context, _ string, plain []byte) ([]byte, error) {
	return h.Open(ctx, "", plain)
}

func (h *hangingSealer) Open(ctx context.Context, _ string, sealed []byte) ([]byte, error) {
	if h.hangs.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return sealed, nil
}

// The status decides: a 2xx whose body hangs is a success, at the end of the attempt's time.
func TestAnswerWhoseBodyHangs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) {
			resp := reply(200)
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("begins"), blocked{req.Context()}))
			return resp, nil
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(time.Minute)
		d := r.only(t)
		require.Equal(t, sender.StateDelivered, d.State)
		a := r.attempts(t, d.ID)
		require.Len(t, a, 1)
		require.Equal(t, 10*time.Second, a[0].Duration)
		require.Equal(t, "begins", a[0].Response)
	})
}

type blocked struct{ ctx context.Context }

func (b blocked) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

// Deaths of our own processes say nothing about the endpoint.
func TestCrashLoopLeavesHealthAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		contract := sender.Kirim()
		contract.Disable = func(h sender.Health) bool { return h.ConsecutiveDead > 0 }
		r := newRigOn(t, store, statuses(200), sender.Config{MaxLapses: 1, Contracts: []sender.Contract{contract}})
		r.stop()
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		for range 2 {
			_, err := store.Store.Claim(t.Context(), driver.ClaimRequest{Limit: 10, PerSubscription: 10, Lease: time.Second})
			require.NoError(t, err)
			time.Sleep(2 * time.Second)
		}
		r.run(t)
		time.Sleep(time.Minute)
		require.Equal(t, "crash_loop", r.only(t).Reason)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
	})
}

// A caller that gave up may use its buffer again at once; what was published is what it had then.
func TestBodyOfACallerThatGaveUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		gates := []chan struct{}{make(chan struct{}), make(chan struct{})}
		var n atomic.Int64
		store.enqueue = func([]driver.Publication) error {
			if i := n.Add(1); i <= 2 {
				<-gates[i-1]
			}
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		first, second := contactCreated(t), contactCreated(t)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = r.org.Publish(t.Context(), first) }()
		synctest.Wait()
		go func() { _, _ = r.org.Publish(t.Context(), second) }()
		synctest.Wait()
		third := contactCreated(t)
		body := bytes.Clone(third.Body)
		gaveUp := make(chan error)
		go func() {
			_, err := r.org.Publish(ctx, third)
			gaveUp <- err
		}()
		synctest.Wait()
		close(gates[0]) // the second now writes itself and the third
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-gaveUp, context.Canceled)
		clear(third.Body)
		close(gates[1])
		synctest.Wait()
		stored, err := r.org.Event(t.Context(), third.ID)
		require.NoError(t, err)
		require.Equal(t, body, []byte(stored.Event.Body))
	})
}

func TestPublishWithAContextThatHasEnded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		r := newRigOn(t, store, statuses(200), sender.Config{})
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("shutting down")
		cancel(why)
		_, err := r.org.Publish(ctx, contactCreated(t))
		require.ErrorIs(t, err, why)
		require.Zero(t, store.enqueues.Load())
		_, err = r.org.Publish(t.Context(), envelope.Event{Source: envelope.Kirim, Body: contactCreated(t).Body})
		require.NoError(t, err)
	})
}
