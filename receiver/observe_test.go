package receiver_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// situations bring every hook about. Each has its answer and number of runs, whatever those who watch do.
var situations = map[string]struct {
	next       receiver.EventHandler
	before     func(k *rig)
	ask        func() *http.Request
	code, runs int
}{
	"handled": {ask: func() *http.Request { return kirimPost(nativeBody) }, code: 200, runs: 1},
	"failed": {next: returns(errors.New("down")), ask: func() *http.Request { return kirimPost(nativeBody) },
		code: 500, runs: 1},
	"refused":      {ask: func() *http.Request { return post(nativeBody) }, code: 401},
	"no handshake": {ask: func() *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) }, code: 403},
	"duplicate": {before: func(k *rig) { k.serve(kirimPost(nativeBody)) },
		ask: func() *http.Request { return kirimPost(nativeBody) }, code: 200, runs: 1},
	"not committed": {before: func(k *rig) { k.store.commitErr = errors.New("down") },
		ask: func() *http.Request { return kirimPost(nativeBody) }, code: 200, runs: 1},
	"store is down": {before: func(k *rig) { k.store.claimErr = errors.New("down") },
		ask: func() *http.Request { return kirimPost(nativeBody) }, code: 503},
	"runs all the same": {before: func(k *rig) { k.store.claimErr = errors.New("down") },
		ask:  func() *http.Request { return kirisanPost(kirisanBody) },
		code: 200, runs: 1},
}

// watched goes through all situations with every hook doing misdeed. check has the answer that was written, nil if none
// was.
func watched(t *testing.T, misdeed func(), check func(t *testing.T, k *rig, name string, w *httptest.ResponseRecorder),
	opts ...option) {
	called := map[string]bool{}
	hooks := func(c *receiver.Config) {
		v := reflect.ValueOf(&c.Hooks).Elem()
		for i := range v.NumField() {
			v.Field(i).Set(reflect.MakeFunc(v.Field(i).Type(), func([]reflect.Value) []reflect.Value {
				called[v.Type().Field(i).Name] = true
				misdeed()
				return nil
			}))
		}
	}
	kirisan := receiver.Kirisan(keys(kirisanSecret))
	kirisan.Key = func(ev envelope.Event) string { return string(ev.Body) }
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			k := newRig(t, s.next, append([]option{func(c *receiver.Config) { c.Dialects[1] = kirisan }, hooks}, opts...)...)
			w, ended := httptest.NewRecorder(), make(chan struct{})
			go func() { // which a misdeed may end
				defer close(ended)
				if s.before != nil {
					go1(func() { s.before(k) })
				}
				k.ServeHTTP(w, s.ask())
			}()
			<-ended
			require.Equal(t, s.runs, k.runs())
			check(t, k, name, w)
		})
	}
	require.Len(t, called, reflect.TypeFor[receiver.Hooks]().NumField(), "a hook that no situation calls: %v", called)
}

// go1 runs f on a goroutine of its own and waits.
func go1(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// A hook that panics is heard of, and all is as if it had not.
func TestHooksThatPanic(t *testing.T) {
	for name, v := range map[string]any{"text": "boom", "abort": http.ErrAbortHandler, "nil error": (*nilError)(nil)} {
		t.Run(name, func(t *testing.T) {
			watched(t, func() { panic(v) }, func(t *testing.T, k *rig, name string, w *httptest.ResponseRecorder) {
				require.Equal(t, situations[name].code, w.Code)
				require.Contains(t, k.logs.String(), "a hook panicked")
				require.Contains(t, k.logs.String(), "observe_test.go", "the stack shows where")
			})
		})
	}
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

// Nothing stops a goroutine that ends. But what was handled by then is committed, and what was not is released.
func TestHooksThatEndTheirGoroutine(t *testing.T) {
	watched(t, runtime.Goexit, func(t *testing.T, k *rig, name string, _ *httptest.ResponseRecorder) {
		require.Equal(t, k.store.claimed.Load() > 0 && name != "failed" && name != "not committed",
			k.store.committed.Load() == 1)
		require.Equal(t, name == "failed", k.store.releases.Load() == 1)
	})
}

// A logger watches too.
func TestLoggersThatPanic(t *testing.T) {
	watched(t, func() {}, func(t *testing.T, _ *rig, name string, w *httptest.ResponseRecorder) {
		require.Equal(t, situations[name].code, w.Code)
	}, func(c *receiver.Config) { c.Logger = slog.New(brokenLogger{}) })
	watched(t, func() { panic("boom") }, func(t *testing.T, _ *rig, name string, w *httptest.ResponseRecorder) {
		require.Equal(t, situations[name].code, w.Code)
	}, func(c *receiver.Config) { c.Logger = slog.New(brokenLogger{on: true}) })
}

// brokenLogger panics when it writes, or else already when it is asked.
type brokenLogger struct {
	slog.Handler
	on bool
}

func (b brokenLogger) Enabled(context.Context, slog.Level) bool {
	if b.on {
		return true
	}
	panic("disk full")
}

func (brokenLogger) Handle(context.Context, slog.Record) error { panic("disk full") }
