package sender_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func TestShutdownLetsAttemptsFinish(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			time.Sleep(3 * time.Second)
			return reply(200), nil
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		began := time.Now()
		r.stop()
		require.Equal(t, 3*time.Second, time.Since(began))
		require.Equal(t, sender.StateDelivered, r.only(t).State)
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.Len(t, r.far.requests(), 1, "nothing is sent after Run has returned")
	})
}

func TestShutdownCutsOffWithoutConsumingAnAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			if n == 1 {
				return hang(req)
			}
			return reply(200), nil
		}}, sender.Config{ShutdownTimeout: 2 * time.Second})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		began := time.Now()
		r.stop()
		require.Equal(t, 2*time.Second, time.Since(began))
		d := r.only(t)
		require.Equal(t, sender.StatePending, d.State)
		require.Zero(t, d.Attempt)

		r.run(t)
		synctest.Wait()
		require.Equal(t, sender.StateDelivered, r.only(t).State)
		require.Equal(t, "1", r.far.requests()[1].header.Get("X-Kirim-Attempt"))
		attempts := r.attempts(t, d.ID)
		require.Len(t, attempts, 2)
		require.Equal(t, sender.ClassUnknown, attempts[0].ErrorClass, "the log says that the first one's fate is unknown")
	})
}

func TestRunTwiceAtOnceIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		synctest.Wait()
		require.ErrorContains(t, r.Run(t.Context()), "running already")
	})
}

// While the store is in trouble nothing more is claimed, results are kept until they may be written, and no attempt is
// lost or repeated.
func TestStoreInTrouble(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var down atomic.Bool
		trouble := errors.New("no connection")
		broken := func() error {
			if down.Load() {
				return trouble
			}
			return nil
		}
		store.claim = func(driver.ClaimRequest) error { return broken() }
		store.settle = func([]driver.Outcome) error { return broken() }
		store.enqueue = func([]driver.Publication) error { return broken() }
		r := newRigOn(t, store, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			down.Store(true)
			return reply(200), nil
		}}, sender.Config{Workers: 2})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(5 * time.Second)
		require.Equal(t, sender.StatePending, r.only(t).State)
		_, err := r.org.Publish(t.Context(), contactCreated(t))
		require.ErrorIs(t, err, trouble)
		down.Store(false)
		time.Sleep(5 * time.Second)
		require.Equal(t, sender.StateDelivered, r.only(t).State)
		require.Len(t, r.far.requests(), 1)
	})
}

// One outcome that the store refuses for ever does not take the others of its batch with it.
func TestPoisonOutcomeFailsAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		poisoned := ""
		store.settle = func(outcomes []driver.Outcome) error {
			for _, o := range outcomes {
				if o.EventID == poisoned {
					return errors.New("cannot be written")
				}
			}
			return nil
		}
		release := make(chan struct{})
		r := newRigOn(t, store, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			<-release
			return reply(200), nil
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		for i := range 20 {
			ev := contactCreated(t)
			if i == 7 {
				poisoned = ev.ID
			}
			r.publish(t, ev)
		}
		synctest.Wait()
		close(release)
		time.Sleep(15 * time.Second)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 19)
		r.publish(t, contactCreated(t))
		time.Sleep(5 * time.Second)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 20)
	})
}

// A worker that dies holds its deliveries until the lease runs out; then another takes over, and the log shows that the
// first attempt's fate is unknown.
func TestLapsedLeaseIsTakenOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.stop()
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		dead, err := store.Store.Claim(t.Context(),
			driver.ClaimRequest{Limit: 10, PerSubscription: 10, Lease: 30 * time.Second})
		require.NoError(t, err)
		require.Len(t, dead.Claims, 1)

		r.run(t)
		time.Sleep(29 * time.Second)
		require.Empty(t, r.far.requests())
		time.Sleep(2 * time.Second)
		require.Len(t, r.far.requests(), 1)
		require.Equal(t, "1", r.far.requests()[0].header.Get("X-Kirim-Attempt"), "a lapsed lease consumes no attempt")
		attempts := r.attempts(t, r.only(t).ID)
		require.Len(t, attempts, 2)
		require.Equal(t, sender.ClassUnknown, attempts[0].ErrorClass)
		require.Equal(t, 200, attempts[1].StatusCode)
	})
}

func TestCrashLoopEndsDead(t *testing.T) {
	for lapses, dead := range map[int]bool{2: false, 3: true} {
		bubble(t, func(t *testing.T) {
			store := newHooked()
			r := newRigOn(t, store, statuses(200), sender.Config{MaxLapses: 2})
			r.stop()
			r.subscribe(t, "https://example.com/", "*")
			r.publish(t, contactCreated(t))
			for range lapses {
				_, err := store.Store.Claim(t.Context(), driver.ClaimRequest{Limit: 10, PerSubscription: 10, Lease: time.Second})
				require.NoError(t, err)
				time.Sleep(2 * time.Second)
			}
			r.run(t)
			time.Sleep(time.Minute)
			d := r.only(t)
			if !dead {
				require.Equal(t, sender.StateDelivered, d.State)
				return
			}
			require.Empty(t, r.far.requests())
			require.Equal(t, sender.StateDead, d.State)
			require.Equal(t, "crash_loop", d.Reason)
		})
	}
}

func TestPanicsAndFaultsOfOursConsumeNoAttempt(t *testing.T) {
	for name, sign := range map[string]func(http.Header, sender.Outgoing) error{
		"error": func(http.Header, sender.Outgoing) error { return errors.New("no key") },
		"panic": func(http.Header, sender.Outgoing) error { panic("no key") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var broken atomic.Bool
				broken.Store(true)
				contract := sender.Kirim()
				original := contract.Sign
				contract.Sign = func(h http.Header, o sender.Outgoing) error {
					if broken.Load() {
						return sign(h, o)
					}
					return original(h, o)
				}
				r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{contract}})
				r.subscribe(t, "https://example.com/", "*")
				r.publish(t, contactCreated(t))
				time.Sleep(10 * time.Minute)
				d := r.only(t)
				require.Equal(t, sender.StatePending, d.State)
				require.Zero(t, d.Attempt)
				broken.Store(false)
				time.Sleep(2 * time.Minute)
				require.Equal(t, sender.StateDelivered, r.only(t).State)
			})
		})
	}
}

// While nothing waits, a published event goes straight to this process's own workers, without a claim.
func TestBornClaimed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		time.Sleep(time.Millisecond)
		for range 10 {
			r.publish(t, contactCreated(t))
			synctest.Wait()
		}
		require.Len(t, r.far.requests(), 10)
		require.Zero(t, store.taken.Load())
	})
}

func TestManyEventsFanOutToMany(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n%7 == 0 {
				return reply(503), nil
			}
			return reply(200), nil
		}}, sender.Config{Workers: 32})
		for i := range 20 {
			r.subscribe(t, fmt.Sprintf("https://example.com/%d", i), "*")
		}
		for range 100 {
			require.Equal(t, 20, r.publish(t, contactCreated(t)).Deliveries)
		}
		time.Sleep(24 * time.Hour)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 2000)
	})
}

// A retry that another process has left is made when it is due, not when the store is polled.
func TestRetryOfAnotherProcessIsMadeInTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRigOn(t, polled{newHooked()}, statuses(503, 200),
			sender.Config{PollInterval: time.Hour, Contracts: []sender.Contract{acme()}})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, envelope.Event{Source: "acme", Type: "a", Body: []byte("1")})
		synctest.Wait()
		r.stop()
		r.run(t)
		time.Sleep(15 * time.Second)
		got := r.far.requests()
		require.Len(t, got, 2)
		require.Equal(t, 10*time.Second, got[1].at.Sub(got[0].at))
	})
}

// While the store refuses claims the slots they were to fill are free again.
func TestFailedClaimsKeepNoSlot(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var down atomic.Bool
		store.claim = func(driver.ClaimRequest) error {
			if down.Load() {
				return errors.New("no connection")
			}
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{Workers: 2})
		r.subscribe(t, "https://example.com/", "*")
		down.Store(true)
		r.stop()
		r.run(t)
		time.Sleep(time.Minute)
		down.Store(false)
		r.publish(t, contactCreated(t))
		time.Sleep(10 * time.Second)
		require.Len(t, r.far.requests(), 1)
	})
}

// An outcome that can never be written does not keep its worker for ever.
func TestPoisonOutcomeGivesItsSlotBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var poisoned atomic.Value
		store.settle = func(outcomes []driver.Outcome) error {
			for _, o := range outcomes {
				if o.EventID == poisoned.Load() {
					return errors.New("cannot be written")
				}
			}
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{Workers: 1})
		r.subscribe(t, "https://example.com/", "*")
		ev := contactCreated(t)
		poisoned.Store(ev.ID)
		r.publish(t, ev)
		time.Sleep(time.Minute)
		require.Contains(t, r.logs.String(), "outcome not written")
		sent := len(r.far.requests())
		r.publish(t, contactCreated(t))
		time.Sleep(time.Minute)
		require.Greater(t, len(r.far.requests()), sent)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 1)
	})
}

// A claim that took the store too long to give is not used: its lease might end before the attempt does.
func TestClaimThatCameTooLateIsGivenBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var late atomic.Bool
		late.Store(true)
		store.claimed = func(c *driver.Claims) {
			if len(c.Claims) > 0 && late.Swap(false) {
				time.Sleep(21 * time.Second) // of a lease of 30 s, for an attempt that may take 10 s
			}
		}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.stop()
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		r.run(t)
		time.Sleep(time.Minute)
		require.Len(t, r.far.requests(), 1)
		require.EqualValues(t, 2, store.taken.Load())
		require.Len(t, r.attempts(t, r.only(t).ID), 1, "an attempt that was not made is not logged")
	})
}

// Where outcomes that are not written have taken all their room, the claim loop goes on as soon as some are, not at the
// next poll.
func TestClaimsGoOnWhenOutcomesAreWritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		store.settle = func([]driver.Outcome) error {
			time.Sleep(time.Second)
			return nil
		}
		r := newRigOn(t, polled{store}, statuses(200), sender.Config{Workers: 1, PollInterval: time.Hour})
		r.stop()
		r.subscribe(t, "https://example.com/", "*")
		const events = 20
		for range events {
			r.publish(t, contactCreated(t))
		}
		r.run(t)
		time.Sleep((events + 5) * time.Second)
		require.Len(t, r.far.requests(), events)
	})
}
