package sender_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// A test goes out in the caller's goroutine, whatever the subscription's status and whether Run runs.
func TestTestBeforeAndDuringRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "message.received")
		for i, prepare := range []func(){func() {}, func() { require.NoError(t, r.org.Pause(t.Context(), sub.ID)) }, r.stop} {
			prepare()
			a, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.NoError(t, err)
			require.Equal(t, 200, a.StatusCode)
			require.True(t, a.Test)
			require.Equal(t, time.Now(), a.At)
			require.Len(t, r.far.requests(), i+1, "each test is another event")
		}
		require.Equal(t, sender.StatusPaused, r.status(t, sub.ID))
	})
}

func TestTestRefuses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		silent := sender.Kirim()
		silent.Name, silent.Sample = "silent", nil
		r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{sender.Kirim(), silent}})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{Type: "no.such"})
		require.ErrorIs(t, err, sender.ErrInvalid)
		require.ErrorContains(t, err, `there is no sample of "no.such"`)
		mute, _, err := r.org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"*"}, Contract: "silent"})
		require.NoError(t, err)
		_, err = r.org.Test(t.Context(), mute.ID, sender.TestRequest{})
		require.ErrorIs(t, err, sender.ErrInvalid)
		require.NoError(t, r.org.Unsubscribe(t.Context(), sub.ID))
		_, err = r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.ErrorIs(t, err, sender.ErrNotFound)
		require.Empty(t, r.far.requests())
	})
}

// A test is never retried: not when it fails, not when its caller gives up, not when the fault is ours.
func TestTestIsNeverRetried(t *testing.T) {
	t.Run("failed", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRig(t, statuses(503), sender.Config{})
			sub, _ := r.subscribe(t, "https://example.com/", "*")
			a, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.NoError(t, err)
			require.Equal(t, 503, a.StatusCode)
			time.Sleep(48 * time.Hour)
			require.Len(t, r.far.requests(), 1)
			require.Equal(t, sender.StateDead, r.only(t).State)
			_, err = r.org.Replay(t.Context(), r.only(t).ID)
			require.NoError(t, err)
			time.Sleep(48 * time.Hour)
			require.Len(t, r.far.requests(), 2, "nor is its replay")
		})
	})
	t.Run("given up", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			r := newRig(t, &farEnd{answer: func(_ int, req *http.Request) (*http.Response, error) { return hang(req) }},
				sender.Config{})
			sub, _ := r.subscribe(t, "https://example.com/", "*")
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := r.org.Test(ctx, sub.ID, sender.TestRequest{})
			require.ErrorIs(t, err, context.DeadlineExceeded)
			time.Sleep(48 * time.Hour)
			require.Len(t, r.far.requests(), 1)
			d := r.only(t)
			require.Equal(t, sender.StateDead, d.State)
			require.Equal(t, "given up", d.Reason)
			require.Equal(t, sender.ClassUnknown, r.attempts(t, d.ID)[0].ErrorClass)
		})
	})
	t.Run("a fault of ours", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			var broken atomic.Bool
			broken.Store(true)
			contract := sender.Kirim()
			sign := contract.Sign
			contract.Sign = func(h http.Header, o sender.Outgoing) error {
				if broken.Load() {
					return errors.New("no key")
				}
				return sign(h, o)
			}
			r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{contract}})
			sub, _ := r.subscribe(t, "https://example.com/", "*")
			_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.ErrorContains(t, err, "no request was made")
			broken.Store(false)
			time.Sleep(time.Hour)
			require.Empty(t, r.far.requests())
			require.Equal(t, sender.StateDead, r.only(t).State)
			require.Equal(t, "internal error", r.only(t).Reason)
		})
	})
	t.Run("its process died", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			store := newHooked()
			r := newRigOn(t, store, statuses(200), sender.Config{})
			sub, _ := r.subscribe(t, "https://example.com/", "*")
			ev := contactCreated(t)
			_, claims, err := store.Store.Enqueue(t.Context(), []driver.Publication{{Org: "acme", Event: ev, Only: sub.ID}},
				&driver.ClaimRequest{Limit: 1, PerSubscription: 1, Lease: time.Minute})
			require.NoError(t, err)
			require.Len(t, claims, 1)
			time.Sleep(time.Hour)
			require.Empty(t, r.far.requests())
			require.Equal(t, "abandoned", r.only(t).Reason)

			_, err = r.org.Replay(t.Context(), r.only(t).ID)
			require.NoError(t, err)
			synctest.Wait()
			require.Len(t, r.far.requests(), 1, "a replay of a test is made by Run")
		})
	})
}

// What passed the test must be what becomes active.
func TestURLChangedDuringItsTest(t *testing.T) {
	for name, change := range map[string]func(r *rig, id string) error{
		"url": func(r *rig, id string) error {
			_, err := r.org.Update(context.Background(), id, func(s *sender.Subscription) { s.URL += "/moved" })
			return err
		},
		"secret": func(r *rig, id string) error {
			_, err := r.org.RotateSecret(context.Background(), id, sender.Rotation{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
					time.Sleep(time.Second)
					return reply(200), nil
				}}, kirisanOnly())
				sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
				go func() { _, _ = r.org.Test(t.Context(), sub.ID, sender.TestRequest{}) }()
				time.Sleep(500 * time.Millisecond)
				require.NoError(t, change(r, sub.ID))
				time.Sleep(time.Minute)
				require.Equal(t, sender.StatusPendingTest, r.status(t, sub.ID))
			})
		})
	}
}

// An endpoint that has not passed its test gets nothing live, whatever its owner does with it meanwhile.
func TestPausedBeforeItsTest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		require.Zero(t, r.publish(t, kirisanMessage(t, whatsapp)).Deliveries)
		matches, err := r.org.Match(t.Context(), kirisanMessage(t, whatsapp))
		require.NoError(t, err)
		require.Equal(t, "it waits for a successful test", matches[0].Why)
		require.NoError(t, r.org.Resume(t.Context(), sub.ID))
		require.Equal(t, sender.StatusPendingTest, r.status(t, sub.ID))

		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		_, err = r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, sender.StatusPaused, r.status(t, sub.ID), "a test does not overrule the owner")
		require.NoError(t, r.org.Resume(t.Context(), sub.ID))
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID), "but it counts")
	})
}

// Only a change of URL or secret asks for another test.
func TestWhatAsksForAnotherTest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		_, err = r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) {
			s.Name, s.Events, s.Devices = "x", []string{"submission"}, []sender.Device{waba}
		})
		require.NoError(t, err)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
		require.Equal(t, 1, r.publish(t, kirisanSubmission(t, waba)).Deliveries)
		_, err = r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.URL += "/other" })
		require.NoError(t, err)
		require.Equal(t, sender.StatusPendingTest, r.status(t, sub.ID))
		require.Zero(t, r.publish(t, kirisanSubmission(t, waba)).Deliveries)
	})
}

// A secret that Move renews is one that no test has shown to work, at the same URL too.
func TestMoveAsksForAnotherTest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp}, signature.NewSecret("first"))
		for _, move := range []struct {
			url  string
			keep bool
			want sender.Status
		}{
			{sub.URL, true, sender.StatusActive}, // nothing has changed
			{sub.URL, false, sender.StatusPendingTest},
			{"https://other.example.com/", true, sender.StatusPendingTest},
			{"https://third.example.com/", false, sender.StatusPendingTest},
		} {
			_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.NoError(t, err)
			require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
			var moved sender.Subscription
			if move.keep {
				moved, err = r.org.MoveWithSecret(t.Context(), sub.ID, move.url)
			} else {
				moved, _, err = r.org.Move(t.Context(), sub.ID, move.url)
			}
			require.NoError(t, err)
			require.Equal(t, move.want, moved.Status, "%+v", move)
		}
	})
}

// Hooks are told once, and the event that activates inside a transaction does so when that has committed.
func TestActivationByATransaction(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var activated atomic.Int64
		cfg := kirisanOnly()
		cfg.Hooks.Activated = func(context.Context, sender.Subscription) { activated.Add(1) }
		store := newHooked()
		r := newRigOn(t, store, statuses(200), cfg)
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{telegram})
		for range 3 { // which never commit
			_, err := r.org.PublishTx(t.Context(), store.Begin(), kirisanMessage(t, telegram))
			require.NoError(t, err)
		}
		tx := store.Begin()
		receipt, err := r.org.PublishTx(t.Context(), tx, kirisanMessage(t, telegram))
		require.NoError(t, err)
		require.Equal(t, 1, receipt.Deliveries)
		time.Sleep(20 * time.Second)
		require.Equal(t, sender.StatusPendingTest, r.status(t, sub.ID))
		require.NoError(t, tx.Commit())
		time.Sleep(2 * time.Second)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
		require.EqualValues(t, 1, activated.Load())
		require.Len(t, r.far.requests(), 1)
	})
}

func TestPublishInATransaction(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		lost, kept := contactCreated(t), contactCreated(t)
		tx := store.Begin()
		_, err := r.org.PublishTx(t.Context(), tx, lost)
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
		_, err = r.org.PublishTx(t.Context(), tx, lost)
		require.ErrorContains(t, err, "sender: publish "+lost.ID)
		tx = store.Begin()
		receipt, err := r.org.PublishTx(t.Context(), tx, kept)
		require.NoError(t, err)
		require.Equal(t, sender.Receipt{EventID: kept.ID, Deliveries: 1}, receipt)
		time.Sleep(time.Minute)
		require.Empty(t, r.far.requests(), "nothing is sent before the commit")
		require.NoError(t, tx.Commit())
		time.Sleep(time.Minute)
		require.Len(t, r.far.requests(), 1)
		_, err = r.org.Event(t.Context(), lost.ID)
		require.ErrorIs(t, err, sender.ErrNotFound)

		tx = store.Begin()
		again, err := r.org.PublishTx(t.Context(), tx, kept)
		require.NoError(t, err)
		require.True(t, again.Duplicate)
		_, err = r.org.PublishTx(t.Context(), tx, envelope.Event{Source: "acme"})
		require.ErrorIs(t, err, sender.ErrUnknownSource)
	})
}
