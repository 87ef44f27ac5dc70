package sender_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// times are the moments, since the bubble began, of the log's lines that have text.
func (l *lockedBuffer) times(t *testing.T, text string) (list []time.Duration) {
	t.Helper()
	at := regexp.MustCompile(`^time=(\S+)`)
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, text) {
			continue
		}
		when, err := time.Parse(time.RFC3339Nano, at.FindStringSubmatch(line)[1])
		require.NoError(t, err)
		list = append(list, when.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
	}
	return list
}

// A store that is down for hours fills no log, and its recovery is told once.
func TestStoreFailuresAreLoggedWithGrowingGaps(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var down atomic.Bool
		var told atomic.Int64
		down.Store(true)
		store.claim = func(driver.ClaimRequest) error {
			if down.Load() {
				return errors.New("no server")
			}
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{Hooks: sender.Hooks{
			StoreFailed: func(context.Context, string, error) { told.Add(1) },
		}})
		time.Sleep(time.Hour)
		lines := r.logs.times(t, `"store failed"`)
		gaps := []time.Duration{time.Second, 10 * time.Second, time.Minute, 10 * time.Minute, 10 * time.Minute,
			10 * time.Minute, 10 * time.Minute, 10 * time.Minute}
		require.Len(t, lines, 1+len(gaps))
		for i, gap := range gaps {
			// calls are up to 7.5 s apart
			require.InDelta(t, gap.Seconds(), (lines[i+1] - lines[i]).Seconds(), 8, "line %d", i+1)
		}
		require.Greater(t, told.Load(), int64(400), "the hook is told of each")
		require.Regexp(t, `op=claim failures=\d{3} since=2000-01-01T00:00:00.000Z error="no server"`, r.logs.String())

		down.Store(false)
		time.Sleep(time.Hour)
		require.Len(t, r.logs.times(t, `"store failed"`), 1+len(gaps))
		require.Len(t, r.logs.times(t, `"store works again" op=claim`), 1)

		down.Store(true) // long after: another trouble
		time.Sleep(15 * time.Second)
		down.Store(false)
		time.Sleep(30 * time.Second)
		require.Len(t, r.logs.times(t, `"store failed" op=claim failures=1 `), 2)
		require.Len(t, r.logs.times(t, `"store works again"`), 2)
	})
}

// A store that fails now and then is one trouble, not one for each call.
func TestFlappingStoreFillsNoLog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		var calls atomic.Int64
		store.claim = func(driver.ClaimRequest) error {
			if calls.Add(1)%2 == 0 {
				return errors.New("lost connection")
			}
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{PollInterval: time.Second})
		time.Sleep(time.Hour)
		require.Greater(t, calls.Load(), int64(3000))
		require.Len(t, r.logs.times(t, `"store failed"`), 9)
		require.Len(t, r.logs.times(t, `"store works again"`), 9)
	})
}

// A call that works says nothing of another that does not.
func TestTroubleIsOfOneCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		store.settle = func([]driver.Outcome) error { return errors.New("read only") }
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(10 * time.Second)
		require.Len(t, r.logs.times(t, `"store failed" op=settle`), 2)
		require.Empty(t, r.logs.times(t, `"store works again"`))
	})
}

// A test that fails is its caller's to look at, and no dead letter.
func TestFailedTestIsNoDeadLetter(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(404), sender.Config{})
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		_, err = r.org.Replay(t.Context(), r.only(t).ID)
		require.NoError(t, err)
		synctest.Wait()
		require.NotContains(t, r.logs.String(), "delivery dead")
		require.NotContains(t, r.logs.String(), "level=WARN")
		require.Len(t, r.logs.times(t, `level=INFO msg="test failed" org=acme`), 2)
		r.publish(t, contactCreated(t))
		synctest.Wait()
		require.Len(t, r.logs.times(t, `level=WARN msg="delivery dead"`), 1)
	})
}
