package sender_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

func TestReplayOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404, 200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		ev := contactCreated(t)
		r.publish(t, ev)
		synctest.Wait()
		dead := r.only(t)
		require.Equal(t, sender.StateDead, dead.State)

		id, err := r.org.Replay(t.Context(), dead.ID)
		require.NoError(t, err)
		synctest.Wait()
		again, err := r.org.Delivery(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, sender.StateDelivered, again.State)
		require.Equal(t, dead.ID, again.ReplayedFrom)
		require.NotEqual(t, dead.ID, again.ID)
		got := r.far.requests()
		require.Len(t, got, 2)
		require.Equal(t, ev.ID, got[1].header.Get("X-Kirim-Event-Id"), "the event keeps its id")
		require.Equal(t, again.ID, got[1].header.Get("X-Kirim-Delivery-Id"))
		require.Equal(t, "1", got[1].header.Get("X-Kirim-Attempt"))
		require.Equal(t, got[0].body, got[1].body)
		old, err := r.org.Delivery(t.Context(), dead.ID)
		require.NoError(t, err)
		require.Equal(t, again.ID, old.ReplayedBy)
		old.ReplayedBy = ""
		require.Equal(t, dead, old, "the dead letter stays in the log")
	})
}

func TestReplayOfTheUnfinished(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, &farEnd{answer: func(n int, req *http.Request) (*http.Response, error) {
			if n == 1 {
				return reply(404), nil
			}
			return hang(req)
		}}, sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		synctest.Wait()
		dead := r.only(t)
		id, err := r.org.Replay(t.Context(), dead.ID)
		require.NoError(t, err)
		_, err = r.org.Replay(t.Context(), dead.ID)
		require.ErrorIs(t, err, sender.ErrConflict)
		require.ErrorContains(t, err, "earlier replay is unfinished")
		_, err = r.org.Replay(t.Context(), id)
		require.ErrorIs(t, err, sender.ErrConflict)
		require.ErrorContains(t, err, "unfinished itself")
		_, err = r.org.Replay(t.Context(), "wbd_nothing")
		require.ErrorIs(t, err, sender.ErrNotFound)
	})
}

func TestReplayAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		healthy := false
		r := newRig(t, &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			if healthy {
				return reply(200), nil
			}
			return reply(404), nil
		}}, sender.Config{Contracts: []sender.Contract{neverDisables()}})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		for range 700 {
			r.publish(t, contactCreated(t))
		}
		synctest.Wait()
		since := time.Now()
		time.Sleep(time.Hour)
		for range 300 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Minute)
		r.stop()
		healthy = true
		dead := sender.DeliveryQuery{Subscription: sub.ID, States: []sender.State{sender.StateDead}}
		replay := func(q sender.DeliveryQuery, stop int) (n int, last string) {
			for replayed, err := range r.org.ReplayAll(t.Context(), q) {
				require.NoError(t, err)
				last = replayed.Old
				if n++; n == stop {
					break
				}
			}
			return n, last
		}
		q := dead
		q.Until = since.Add(time.Second)
		q.Limit = 100
		n, last := replay(q, -1)
		require.Equal(t, 100, n, "Limit bounds the whole")
		q.After, q.Limit = last, 0
		n, _ = replay(q, -1)
		require.Equal(t, 600, n, "After resumes")
		n, _ = replay(dead, -1)
		require.Equal(t, 300, n, "what has an unfinished replay is passed over")
		n, _ = replay(dead, -1)
		require.Zero(t, n)
		r.run(t)
		time.Sleep(time.Minute)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateDelivered}}), 1000)
	})
}

func neverDisables() sender.Contract {
	c := sender.Kirim()
	c.Disable = func(sender.Health) bool { return false }
	return c
}

func TestExplain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		far := &farEnd{answer: func(_ int, r *http.Request) (*http.Response, error) {
			switch r.URL.Path {
			case "/fails":
				return reply(503), nil
			case "/refuses":
				return reply(404), nil
			case "/hangs":
				return hang(r)
			}
			return reply(200), nil
		}}
		r := newRig(t, far, sender.Config{})
		fine, _ := r.subscribe(t, "https://example.com/fine", "contact.*")
		fails, _ := r.subscribe(t, "https://example.com/fails", "*")
		refuses, _ := r.subscribe(t, "https://example.com/refuses", "*")
		hangs, _ := r.subscribe(t, "https://example.com/hangs", "*")
		paused, _ := r.subscribe(t, "https://example.com/paused", "*")
		require.NoError(t, r.org.Pause(t.Context(), paused.ID))
		other, _ := r.subscribe(t, "https://example.com/other", "message.*")
		ev := contactCreated(t)

		matches, err := r.org.Match(t.Context(), ev)
		require.NoError(t, err)
		result := map[string]string{}
		for _, m := range matches {
			result[m.Subscription] = m.Result
		}
		require.Equal(t, map[string]string{fine.ID: "matched", fails.ID: "matched", refuses.ID: "matched",
			hangs.ID: "matched", paused.ID: "held", other.ID: "filtered"}, result)
		require.Empty(t, r.deliveries(t, sender.DeliveryQuery{}), "a dry run")

		r.publish(t, ev)
		synctest.Wait()
		late, _ := r.subscribe(t, "https://example.com/late", "*")
		list, err := r.org.Explain(t.Context(), ev.ID)
		require.NoError(t, err)
		why := map[string]sender.Explanation{}
		for _, e := range list {
			require.Equal(t, e.Delivery == "", e.Result == "filtered")
			e.Delivery = ""
			why[e.Subscription] = e
		}
		require.Equal(t, sender.Explanation{Subscription: fine.ID, Result: "delivered", Why: "delivered at attempt 1"},
			why[fine.ID])
		require.Equal(t, "waiting", why[fails.ID].Result)
		require.Regexp(t, `^attempt 2 is due at 2000-01-01T00:00:\d\dZ, after: status 503$`, why[fails.ID].Why)
		require.Equal(t, sender.Explanation{Subscription: refuses.ID, Result: "dead", Why: "status 404"}, why[refuses.ID])
		require.Equal(t, sender.Explanation{Subscription: hangs.ID, Result: "pending", Why: "attempt 1 is being made"},
			why[hangs.ID])
		require.Equal(t, sender.Explanation{Subscription: paused.ID, Result: "held",
			Why: "the subscription was paused by its owner"}, why[paused.ID])
		require.Equal(t, sender.Explanation{Subscription: other.ID, Result: "filtered",
			Why: "it is not subscribed to contact.created"}, why[other.ID])
		require.Equal(t, sender.Explanation{Subscription: late.ID, Result: "filtered",
			Why: "it was not subscribed to this when the event was published"}, why[late.ID])
		_, err = r.org.Explain(t.Context(), "evt_unknown")
		require.ErrorIs(t, err, sender.ErrNotFound)
	})
}

// Nobody but the one that is tested gets a test, whatever they subscribe to.
func TestExplainOfATest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		tested, _ := r.subscribe(t, "https://example.com/tested", "*")
		other, _ := r.subscribe(t, "https://example.com/other", "*")
		_, err := r.org.Test(t.Context(), tested.ID, sender.TestRequest{})
		require.NoError(t, err)
		list, err := r.org.Explain(t.Context(), r.only(t).EventID)
		require.NoError(t, err)
		require.Equal(t, []sender.Explanation{
			{Subscription: tested.ID, Delivery: r.only(t).ID, Result: "delivered", Why: "delivered at attempt 1"},
			{Subscription: other.ID, Result: "filtered", Why: "it is the test of another subscription"},
		}, list)
	})
}

func TestMinutes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(503, 200), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(5 * time.Minute)
		for _, of := range []string{sub.ID, ""} {
			minutes, err := r.org.Minutes(t.Context(), of, time.Hour)
			require.NoError(t, err)
			delivered, failed := 0, 0
			for _, m := range minutes {
				delivered, failed = delivered+m.Delivered, failed+m.Failed
			}
			require.Equal(t, 1, delivered)
			require.Equal(t, 1, failed)
		}
	})
}

func TestRetention(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var trimmed atomic.Int64
		r := newRig(t, statuses(200, 404, 200), sender.Config{
			Retention:    sender.Retention{HeldMax: 5},
			PollInterval: time.Hour,
			Hooks:        sender.Hooks{Purged: func(_ context.Context, p sender.Purged) { trimmed.Add(int64(p.Held)) }},
		})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		delivered, dead := contactCreated(t), contactCreated(t)
		r.publish(t, delivered)
		synctest.Wait()
		r.publish(t, dead)
		synctest.Wait()
		require.NoError(t, r.org.Pause(t.Context(), sub.ID))
		for range 8 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Hour)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateHeld}}), 5,
			"the backlog is bounded")
		require.EqualValues(t, 3, trimmed.Load(), "and what was trimmed is counted")
		time.Sleep(24 * time.Hour)
		require.Empty(t, r.deliveries(t, sender.DeliveryQuery{States: []sender.State{sender.StateHeld}}))
		require.EqualValues(t, 8, trimmed.Load())

		time.Sleep(28 * 24 * time.Hour)
		require.Len(t, r.deliveries(t, sender.DeliveryQuery{EventID: dead.ID}), 1)
		require.True(t, r.publish(t, dead).Duplicate)
		time.Sleep(2 * 24 * time.Hour)
		require.Empty(t, r.deliveries(t, sender.DeliveryQuery{EventID: dead.ID}), "30 days after it died")
		_, err := r.org.Event(t.Context(), dead.ID)
		require.ErrorIs(t, err, sender.ErrNotFound)
	})
}

func TestHooks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type key struct{}
		var steps []string // of the one delivery
		step := func(s string) { steps = append(steps, s) }
		var published atomic.Int64 // by its caller, who may come later than the first attempt
		r := newRig(t, statuses(503, 200), sender.Config{Hooks: sender.Hooks{
			Published: func(context.Context, sender.Receipt) { published.Add(1) },
			AttemptStart: func(ctx context.Context, _ sender.Delivery, _ string) context.Context {
				return context.WithValue(ctx, key{}, "span")
			},
			AttemptDone: func(ctx context.Context, d sender.Delivery, a sender.Attempt) {
				require.Equal(t, "span", ctx.Value(key{}))
				require.Regexp(t, "^wbd_", d.ID)
				require.Equal(t, time.Now().Add(-a.Duration), a.At)
				require.Zero(t, d.FinishedAt)
				step("attempt " + http.StatusText(a.StatusCode))
				panic("a hook's panic ends nothing")
			},
			Finished: func(_ context.Context, d sender.Delivery) {
				require.Equal(t, time.Now(), d.FinishedAt)
				step("finished " + string(d.State))
			},
		}})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"attempt Service Unavailable", "attempt OK", "finished delivered"}, steps)
		require.EqualValues(t, 1, published.Load())
		require.Contains(t, r.logs.String(), "hook panicked")
	})
}
