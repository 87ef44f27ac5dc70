package receiver_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// inHandler runs f as the handler of a request that arrives now, straight on a dedupe.Memory or below another store,
// and then after in the same time.
func inHandler(t *testing.T, f func(ctx context.Context) error, after ...func(t *testing.T)) {
	t.Helper()
	for name, guard := range map[string]*dedupe.Guard{"memory": {}, "store": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newRig(t, receiver.HandlerFunc(func(ctx context.Context, _ *receiver.Event) error { return f(ctx) }),
					func(c *receiver.Config) {
						if guard != nil {
							c.Dedupe = guard
						}
					})
				require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
				require.Equal(t, 1, k.runs())
				for _, f := range after {
					f(t)
				}
			})
		})
	}
}

func TestHandlerContextEndsAtTheDeadline(t *testing.T) {
	inHandler(t, func(ctx context.Context) error { // nobody has asked for Done
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		require.Equal(t, 9*time.Second, time.Until(deadline))
		time.Sleep(9*time.Second - 1)
		require.NoError(t, ctx.Err())
		require.NoError(t, context.Cause(ctx))
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Equal(t, context.DeadlineExceeded, ctx.Err())
		require.Equal(t, context.DeadlineExceeded, context.Cause(ctx))
		<-ctx.Done()
		return nil
	})
	inHandler(t, func(ctx context.Context) error {
		start := time.Now()
		<-ctx.Done()
		require.Equal(t, 9*time.Second, time.Since(start))
		require.Equal(t, context.DeadlineExceeded, ctx.Err())
		return nil
	})
}

func TestContextsMadeOfTheHandlers(t *testing.T) {
	type key struct{}
	inHandler(t, func(ctx context.Context) error {
		_, ok := receiver.FromContext(ctx)
		require.True(t, ok)
		child, cancel := context.WithTimeout(context.WithValue(ctx, key{}, 1), time.Minute)
		defer cancel()
		_, ok = receiver.FromContext(child)
		require.True(t, ok)
		sooner, cancelSooner := context.WithTimeout(ctx, time.Second)
		defer cancelSooner()
		told := make(chan error, 1)
		context.AfterFunc(child, func() { told <- context.Cause(child) })
		<-sooner.Done()
		require.NoError(t, ctx.Err())
		require.NoError(t, child.Err())
		require.Equal(t, context.DeadlineExceeded, <-told)
		require.Equal(t, context.DeadlineExceeded, ctx.Err())
		require.Nil(t, ctx.Value(key{}))
		return nil
	})
}

// What a handler leaves running sees that it has returned.
func TestHandlerContextEndsWithTheHandler(t *testing.T) {
	for name, use := range map[string]func(ctx context.Context){
		"waited for":     func(ctx context.Context) { ctx.Done() },
		"not waited for": func(context.Context) {},
	} {
		t.Run(name, func(t *testing.T) {
			var left context.Context
			inHandler(t, func(ctx context.Context) error {
				use(ctx)
				left = ctx
				return ctx.Err()
			}, func(t *testing.T) {
				require.Equal(t, context.Canceled, left.Err())
				<-left.Done()
			})
		})
	}
}
