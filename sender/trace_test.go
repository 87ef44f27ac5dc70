package sender_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// traceKey is where these tests keep a traceparent in a context, as a tracer would its span.
type traceKey struct{}

// traced is a rig that publishes under the traceparent in its context, and gives those that attempts were told.
func traced(t *testing.T, far *farEnd) (r *rig, told func() []string) {
	var mu sync.Mutex
	var all []string
	r = newRig(t, far, sender.Config{Hooks: sender.Hooks{
		Traceparent: func(ctx context.Context) string { return ctx.Value(traceKey{}).(string) },
		AttemptStart: func(_ context.Context, _ sender.Delivery, traceparent string) context.Context {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, traceparent)
			return nil
		},
	}})
	return r, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

func TestTraceReachesEveryAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r, told := traced(t, statuses(404, 200, 200, 200))
		sub, _ := r.subscribe(t, "https://example.com/", "*")
		ctx := context.WithValue(t.Context(), traceKey{}, traceparent)
		receipt, err := r.org.Publish(ctx, contactCreated(t))
		require.NoError(t, err)
		synctest.Wait()
		ev, err := r.org.Event(t.Context(), receipt.EventID)
		require.NoError(t, err)
		require.Equal(t, traceparent, ev.Trace)
		_, err = r.org.Replay(t.Context(), r.only(t).ID)
		require.NoError(t, err)
		synctest.Wait()
		_, err = r.org.Test(ctx, sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		require.Equal(t, []string{traceparent, traceparent, traceparent}, told(), "attempt, replay, test")
		_, err = r.org.PublishAll(ctx, []envelope.Event{contactCreated(t)})
		require.NoError(t, err)
		synctest.Wait()
		require.Len(t, told(), 4)
		require.Equal(t, traceparent, told()[3], "of many")
	})
}

func TestTraceThatIsNoneIsLeftOut(t *testing.T) {
	for name, trace := range map[string]string{
		"none": "", "a line break": "00-0af7\r\nX: y", "a space": "00 01", "not ASCII": "00-é", "a NUL": "00\x00",
		"129 bytes": strings.Repeat("0", 129),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r, told := traced(t, statuses(200))
				r.subscribe(t, "https://example.com/", "*")
				receipt, err := r.org.Publish(context.WithValue(t.Context(), traceKey{}, trace), contactCreated(t))
				require.NoError(t, err)
				synctest.Wait()
				ev, err := r.org.Event(t.Context(), receipt.EventID)
				require.NoError(t, err)
				require.Empty(t, ev.Trace)
				require.Equal(t, []string{""}, told())
			})
		})
	}
}
