package sender_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// warning is one call of Hooks.Failing.
type warning struct{ percent, dead int }

// warningsOf publishes one event after the other, each to its end, and collects the warnings. The endpoint refuses all
// events but those numbered good, from 1.
func warningsOf(t *testing.T, cfg sender.Config, events int, apart time.Duration, good ...int) (got []warning) {
	far := statuses(404)
	if len(good) > 0 {
		codes := make([]int, events)
		for i := range codes {
			codes[i] = 404
		}
		for _, n := range good {
			codes[n-1] = 200
		}
		far = statuses(codes...)
	}
	cfg.Hooks.Failing = func(_ context.Context, sub sender.Subscription, h sender.Health, percent int) {
		require.NotEmpty(t, sub.ID)
		got = append(got, warning{percent, h.ConsecutiveDead})
	}
	r := newRig(t, far, cfg)
	r.subscribe(t, "https://example.com/", "*")
	for range events {
		r.publish(t, contactCreated(t))
		time.Sleep(apart)
	}
	r.stop()
	synctest.Wait()
	return got
}

func TestFailingWarnsOnTheWayToDisabled(t *testing.T) {
	whole := []warning{{50, 12}, {70, 17}, {90, 22}, {100, 24}}
	for name, c := range map[string]struct {
		events int
		good   []int
		want   []warning
	}{
		"not yet":                     {11, nil, nil},
		"once each":                   {24, nil, whole},
		"a success arms it again":     {20 + 24, []int{20}, append([]warning{{50, 12}, {70, 17}}, whole...)},
		"what delivers is no failure": {3, []int{1, 2, 3}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				require.Equal(t, c.want, warningsOf(t, sender.Config{}, c.events, time.Second, c.good...))
			})
		})
	}
}

// A contract that wants both a number and a time is half way when half of both is there.
func TestFailingByTheTimeItTakes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		contract := sender.Kirim()
		contract.Disable = func(h sender.Health) bool { return h.ConsecutiveDead >= 10 && h.FailingFor >= 120*time.Hour }
		got := warningsOf(t, sender.Config{Contracts: []sender.Contract{contract}}, 21, 6*time.Hour)
		require.Equal(t, []warning{{50, 11}, {70, 15}, {90, 19}, {100, 21}}, got)
	})
}

// Several levels that one write passes are told as the highest.
func TestFailingThatJumpsTellsTheHighest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		store.settled = func(settled []driver.Settled) []driver.Settled {
			for i := range settled {
				settled[i].Health.ConsecutiveDead = 23 // another process has written too
			}
			return settled
		}
		var got []int
		r := newRigOn(t, store, statuses(404), sender.Config{Hooks: sender.Hooks{
			Failing: func(_ context.Context, _ sender.Subscription, _ sender.Health, percent int) {
				got = append(got, percent)
			},
		}})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		r.publish(t, contactCreated(t))
		time.Sleep(time.Second)
		r.stop()
		require.Equal(t, []int{90}, got)
	})
}
