package receiver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// Fifty requests of one event arrive at once and the first two runs fail: runs never overlap, a later one succeeds, and
// nobody hears 2xx before that.
func TestConcurrentDuplicates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, runs, succeeded atomic.Int32
		k := newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error {
			require.EqualValues(t, 1, running.Add(1))
			defer running.Add(-1)
			time.Sleep(300 * time.Millisecond)
			if runs.Add(1) <= 2 {
				return errors.New("not yet")
			}
			succeeded.Add(1)
			return nil
		}))
		var wg sync.WaitGroup
		codes := map[int]int{}
		var mu sync.Mutex
		for range 50 {
			wg.Go(func() {
				w := k.serve(kirimPost(nativeBody))
				if w.Code == 200 {
					require.EqualValues(t, 1, succeeded.Load(), "2xx before the event was handled")
				}
				mu.Lock()
				defer mu.Unlock()
				codes[w.Code]++
			})
		}
		wg.Wait()
		require.EqualValues(t, 3, runs.Load())
		require.Equal(t, map[int]int{500: 2, 200: 48}, codes)
	})
}

// The deadline counts from the arrival of a request, however long its body then took.
func TestDeadline(t *testing.T) {
	for _, test := range []struct {
		name    string
		request func() *http.Request
		after   time.Duration
	}{
		{"kirim", func() *http.Request { return kirimPost(nativeBody) }, 9 * time.Second},
		{"kirisan", func() *http.Request { return kirisanPost(kirisanBody) }, 25 * time.Second},
		{"meta", func() *http.Request { return metaPost(messageBody) }, 9 * time.Second},
		{"standard", func() *http.Request { return standardPost("msg_1", time.Now(), standardBody) }, 9 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newRig(t, receiver.HandlerFunc(func(ctx context.Context, _ *receiver.Event) error {
					<-ctx.Done()
					return fmt.Errorf("gave up: %w", ctx.Err())
				}), func(c *receiver.Config) { c.Dialects = append(c.Dialects, receiver.Standard(keys(standardSecret))) })
				r := test.request()
				r.Body = &late{ReadCloser: r.Body, by: 3 * time.Second}
				start := time.Now()
				w := k.serve(r)
				require.Equal(t, test.after, time.Since(start))
				require.Equal(t, 503, w.Code)
				require.Equal(t, "5", w.Header().Get("Retry-After"))
			})
		})
	}
}

// The claim of a handler that ran out of time is given back at once, though the handler's context has ended by then.
func TestDeadlineReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		k := newRig(t, receiver.HandlerFunc(func(ctx context.Context, _ *receiver.Event) error {
			if first {
				first = false
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}))
		require.Equal(t, 503, k.serve(kirimPost(nativeBody)).Code)
		start := time.Now()
		require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
		require.Zero(t, time.Since(start))
		require.Equal(t, 2, k.runs())
	})
}

// late is a body that keeps its reader waiting once.
type late struct {
	io.ReadCloser
	by time.Duration
}

func (l *late) Read(p []byte) (int, error) {
	time.Sleep(l.by)
	l.by = 0
	return l.ReadCloser.Read(p)
}

// A handler that does not look at its context is answered when it is done; nobody else runs the event meanwhile,
// however long that takes.
func TestStubbornHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error {
			time.Sleep(10 * time.Minute)
			return nil
		}))
		first := make(chan int)
		go func() { first <- k.serve(kirimPost(nativeBody)).Code }()
		for range 9 {
			time.Sleep(time.Minute)
			require.Equal(t, 503, k.serve(kirimPost(nativeBody)).Code)
		}
		require.Equal(t, 200, <-first)
		require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
		require.Equal(t, 1, k.runs())
	})
}

func TestSenderHangsUp(t *testing.T) {
	type key struct{}
	ctx, hangUp := context.WithCancel(context.WithValue(context.Background(), key{}, "value"))
	k := newRig(t, receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
		hangUp()
		require.NoError(t, ctx.Err())
		require.Equal(t, "value", ctx.Value(key{}))
		got, ok := receiver.FromContext(ctx)
		require.True(t, ok)
		require.Same(t, ev, got)
		return nil
	}))
	require.Equal(t, 200, k.serve(kirimPost(nativeBody).WithContext(ctx)).Code)
	require.EqualValues(t, 1, k.store.committed.Load())
	_, ok := receiver.FromContext(context.Background())
	require.False(t, ok)
}

func TestPanicsRelease(t *testing.T) {
	var none error
	for name, v := range map[string]any{"text": "boom", "error": errors.New("boom"), "nil": nil, "nil error": none,
		"number": 7} {
		t.Run(name, func(t *testing.T) {
			first := true
			k := newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error {
				if first {
					first = false
					panic(v)
				}
				return nil
			}))
			require.Equal(t, 500, k.serve(kirimPost(nativeBody)).Code)
			require.ErrorContains(t, k.outcomes[0].Err, "the handler panicked")
			require.Contains(t, k.logs.String(), "deliver_test.go", "the stack shows where")
			require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
			require.Equal(t, 2, k.runs())
		})
	}
}

func TestAbortReleases(t *testing.T) {
	first := true
	k := newRig(t, receiver.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if first {
			first = false
			panic(http.ErrAbortHandler)
		}
	})))
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { k.serve(kirimPost(nativeBody)) })
	require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
	require.NotContains(t, k.logs.String(), "level=ERROR")

	d := receiver.Kirisan(keys(kirisanSecret)) // without dedupe
	k = newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error { panic(http.ErrAbortHandler) }),
		dialects(d))
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { k.serve(kirisanPost(kirisanBody)) })
}

func TestGoexitReleases(t *testing.T) {
	first := true
	k := newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error {
		if first {
			first = false
			runtime.Goexit()
		}
		return nil
	}))
	w, ended := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(ended)
		k.ServeHTTP(w, kirimPost(nativeBody))
	}()
	<-ended
	require.Equal(t, 500, w.Code)
	require.True(t, w.Flushed, "nobody else will")
	require.Equal(t, 500, k.outcomes[0].Status)
	require.ErrorContains(t, k.outcomes[0].Err, "Goexit")
	require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
	require.Equal(t, 2, k.runs())
}

func TestReturnedErrors(t *testing.T) {
	cause := errors.New("cause")
	for _, test := range []struct {
		err        error
		code       int
		retryAfter string
	}{
		{receiver.Permanent(cause), 422, ""},
		{fmt.Errorf("more: %w", receiver.Permanent(cause)), 422, ""},
		{receiver.RetryAfter(cause, 90*time.Second), 503, "90"},
		{receiver.RetryAfter(cause, 1500*time.Millisecond), 503, "2"},
		{receiver.RetryAfter(cause, time.Nanosecond), 503, "1"},
		{receiver.RetryAfter(cause, 0), 503, "1"},
		{receiver.RetryAfter(cause, -time.Hour), 503, "1"},
		{receiver.RetryAfter(cause, 1<<63-1), 503, "9223372037"},
		{receiver.Permanent(receiver.RetryAfter(cause, time.Second)), 422, ""},
		{errors.Join(cause, context.DeadlineExceeded), 503, "5"},
		{errors.Join(cause, context.Canceled), 500, ""},
		{errors.Join(cause, dedupe.ErrDuplicate), 500, ""}, // of some guard inside the handler
		{errors.Join(cause, dedupe.ErrRunning), 500, ""},
		{errors.Join(cause, &dedupe.StoreError{Op: "claim", Err: cause}), 500, ""},
		{cause, 500, ""},
	} {
		k := newRig(t, returns(test.err))
		w := k.serve(kirimPost(nativeBody))
		require.Equal(t, test.code, w.Code, test.err)
		require.Equal(t, test.retryAfter, w.Header().Get("Retry-After"), test.err)
		require.Equal(t, http.StatusText(test.code), w.Body.String())
		require.ErrorIs(t, k.outcomes[0].Err, cause)
		require.EqualValues(t, 1, k.store.releases.Load())
		require.Empty(t, k.failed)
	}
	require.NoError(t, receiver.Permanent(nil))
	require.NoError(t, receiver.RetryAfter(nil, time.Second))
}

// The effect has happened: a retry would double it.
func TestCommitFails(t *testing.T) {
	for name, fault := range map[string]error{"store": errors.New("down"), "lease": dedupe.ErrLeaseLost} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newRig(t, nil)
				k.store.commitErr = fault
				require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
				require.Len(t, k.failed, 1)
				require.ErrorIs(t, k.failed[0], fault)
				require.Contains(t, k.logs.String(), "level=WARN")
			})
		})
	}
}

func TestStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kirisan := receiver.Kirisan(keys(kirisanSecret))
		kirisan.Key = func(ev envelope.Event) string { return string(ev.Body) }
		k := newRig(t, nil, dialects(receiver.Kirim(keys(kirimSecret)), kirisan), func(c *receiver.Config) {
			c.Dedupe = &dedupe.Guard{Store: hanging{}}
		})
		start := time.Now()
		require.Equal(t, 503, k.serve(kirimPost(nativeBody)).Code)
		require.Equal(t, time.Second, time.Since(start))
		require.Zero(t, k.runs())
		require.Equal(t, 200, k.serve(kirisanPost(kirisanBody)).Code)
		require.Equal(t, 1, k.runs())
		require.Len(t, k.failed, 2)
	})
}

// Kirim hangs up after 10 s, Kirisan after 30 s. Whatever part of the store hangs, and whatever a handler does until
// its deadline, the answer is out by then, with time for its way.
func TestAnAnswerComesBeforeTheSenderGivesUp(t *testing.T) {
	keyed := receiver.Kirisan(keys(kirisanSecret))
	keyed.Key = func(ev envelope.Event) string { return string(ev.Body) }
	for dialect, of := range map[string]struct {
		ask func() *http.Request
		by  time.Duration
	}{
		"kirim":   {func() *http.Request { return kirimPost(nativeBody) }, 9500 * time.Millisecond},
		"kirisan": {func() *http.Request { return kirisanPost(kirisanBody) }, 25500 * time.Millisecond},
	} {
		for name, test := range map[string]struct {
			hang slow
			err  error
			code int
		}{
			"commit":              {slow{commit: true}, nil, 200},
			"release":             {slow{release: true}, errors.New("out of time"), 503},
			"renewal":             {slow{renew: true}, nil, 200},
			"renewal and release": {slow{renew: true, release: true}, errors.New("out of time"), 503},
			"all but the claim":   {slow{renew: true, commit: true, release: true}, nil, 200},
		} {
			t.Run(dialect+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					k := newRig(t, receiver.HandlerFunc(func(ctx context.Context, _ *receiver.Event) error {
						<-ctx.Done()
						return test.err
					}), dialects(receiver.Kirim(keys(kirimSecret)), keyed), func(c *receiver.Config) {
						test.hang.Store = dedupe.NewMemory(0)
						c.Dedupe = &dedupe.Guard{Store: &test.hang, Lease: 4 * time.Second, StoreTimeout: 8 * time.Second}
					})
					r := of.ask()
					r.Body = &late{ReadCloser: r.Body, by: 3 * time.Second}
					start := time.Now()
					require.Equal(t, test.code, k.serve(r).Code)
					require.LessOrEqual(t, time.Since(start), of.by)
				})
			})
		}
	}
}

// slow is a store of which parts hang.
type slow struct {
	dedupe.Store
	claimed, renew, commit, release bool
}

func (s *slow) Claim(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
	if s.claimed && s.renew && s.given(ctx) {
		return 0, 0, ctx.Err()
	}
	s.claimed = true
	return s.Store.Claim(ctx, key, token, lease)
}

func (s *slow) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	if s.commit && s.given(ctx) {
		return ctx.Err()
	}
	return s.Store.Commit(ctx, key, token, ttl)
}

func (s *slow) Release(ctx context.Context, key, token string) error {
	if s.release && s.given(ctx) {
		return ctx.Err()
	}
	return s.Store.Release(ctx, key, token)
}

// given waits until the caller has lost patience.
func (*slow) given(ctx context.Context) bool { <-ctx.Done(); return true }

type hanging struct{ dedupe.Store }

func (hanging) Claim(ctx context.Context, _, _ string, _ time.Duration) (dedupe.State, time.Duration, error) {
	<-ctx.Done()
	return 0, 0, ctx.Err()
}

// A sender that never retries gets its events run while the store is down. That another runs the event is no such case:
// two runs side by side are what the store is there to prevent.
func TestFailOpenIsNotForARunningEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := receiver.Kirisan(keys(kirisanSecret))
		d.Key = func(ev envelope.Event) string { return string(ev.Body) }
		require.True(t, d.FailOpen)
		k := newRig(t, receiver.HandlerFunc(func(context.Context,
			*receiver.Event) error {
			time.Sleep(time.Minute)
			return nil
		}), dialects(d))
		go k.serve(kirisanPost(kirisanBody))
		synctest.Wait()
		w := k.serve(kirisanPost(kirisanBody))
		require.Equal(t, 503, w.Code)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
		require.Equal(t, 1, k.runs())
		require.Empty(t, k.failed, "nor is it a fault of the store")
		time.Sleep(time.Minute)
		require.Equal(t, 200, k.serve(kirisanPost(kirisanBody)).Code)
		require.Equal(t, 1, k.runs())
	})
}

// While a duplicate waits, its own deadline may pass first: that is no fault of the store.
func TestDeadlineWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := receiver.Kirim(keys(kirimSecret))
		d.Deadline = time.Second
		k := newRig(t, receiver.HandlerFunc(func(context.Context,
			*receiver.Event) error {
			time.Sleep(time.Minute)
			return nil
		}), dialects(d))
		go k.serve(kirimPost(nativeBody))
		synctest.Wait()
		start := time.Now()
		w := k.serve(kirimPost(nativeBody))
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, 503, w.Code)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
		require.Empty(t, k.failed)
		time.Sleep(time.Minute)
	})
}

func TestDefaultGuardDeduplicates(t *testing.T) {
	k := newRig(t, nil, func(c *receiver.Config) { c.Dedupe = nil })
	for range 3 {
		require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
	}
	require.Equal(t, 1, k.runs())
}

// Body outlives its request: nothing that a handler keeps is written to again.
func TestBodyMayBeKept(t *testing.T) {
	k := newRig(t, nil)
	var want []string
	for i := range 100 {
		body := fmt.Sprintf(`{"id":"evt_%03d","type":"a"}`, i)
		want = append(want, body)
		require.Equal(t, 200, k.serve(kirimPost([]byte(body))).Code)
		k.serve(post([]byte(`{"id":"noise","type":"noise"}`), "X-Kirim-Signature", "t=1,v1=00"))
	}
	for i, ev := range k.events {
		require.Equal(t, want[i], string(ev.Body))
	}
}
