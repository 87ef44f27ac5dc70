package sender_test

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
)

func TestRateOfASubscription(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		_, _, err := r.org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://paced.example.com/", Events: []string{"*"}, Rate: 5})
		require.NoError(t, err)
		r.subscribe(t, "https://free.example.com/", "*")
		began := time.Now()
		for range 100 {
			r.publish(t, contactCreated(t))
		}
		time.Sleep(time.Minute)
		var last time.Time
		perSecond, paced := map[int]int{}, 0
		for _, got := range r.far.requests() {
			if got.url != "https://paced.example.com/" {
				require.Less(t, got.at.Sub(began), time.Second, "others are not held up")
				continue
			}
			paced++
			last = got.at
			perSecond[int(got.at.Sub(began)/time.Second)]++
		}
		require.Equal(t, 100, paced)
		for second, n := range perSecond {
			require.LessOrEqual(t, n, 10, "second %d: one second's worth at once, and what comes in it", second)
		}
		require.InDelta(t, 19, last.Sub(began).Seconds(), 1.5, "and it is not slower than it may be")
	})
}

func TestSlowRate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		sub, _, err := r.org.Subscribe(t.Context(),
			sender.Subscription{URL: "https://example.com/", Events: []string{"*"}, Rate: 1.0 / 60})
		require.NoError(t, err)
		for range 5 {
			r.publish(t, contactCreated(t))
		}
		synctest.Wait()
		require.Len(t, r.far.requests(), 1)
		time.Sleep(2*time.Minute + time.Second)
		require.Len(t, r.far.requests(), 3)
		_, err = r.org.Update(t.Context(), sub.ID, func(s *sender.Subscription) { s.Rate = 0 })
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.Len(t, r.far.requests(), 5, "a limit that is lifted holds nothing up once the next one has gone")
	})
}

func TestRateRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		for _, rate := range []float64{-1, math.NaN(), math.Inf(1), 0.0001, 10_001} {
			_, _, err := r.org.Subscribe(t.Context(),
				sender.Subscription{URL: "https://example.com/", Events: []string{"*"}, Rate: rate})
			require.ErrorIs(t, err, sender.ErrInvalid)
			require.ErrorContains(t, err, "Rate")
		}
	})
}

// What a subscription has used up of its rate is not forgotten for all the others that come and go meanwhile.
func TestRateOutlivesIdleness(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{MaxSubscriptions: -1})
		paced := sender.Subscription{URL: "https://paced.example.com/", Events: []string{"contact.*"}, Rate: 0.001}
		_, _, err := r.org.Subscribe(t.Context(), paced)
		require.NoError(t, err)
		for i := range 5000 {
			r.subscribe(t, fmt.Sprintf("https://free.example.com/%d", i), "conversation.*")
		}
		const rounds = 8
		for range rounds {
			r.publish(t, contactCreated(t))
			r.publish(t, empty(t, kirim.ConversationClosed))
			time.Sleep(10 * time.Second)
		}
		attempts := map[bool]int{}
		for _, got := range r.far.requests() {
			attempts[got.url == paced.URL]++
		}
		require.Equal(t, map[bool]int{true: 1, false: rounds * 5000}, attempts)
	})
}
