package receivertest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
)

func client(h http.HandlerFunc) *http.Client {
	return &http.Client{Transport: receivertest.Transport(h)}
}

func TestTransportArrivesAsOnTheWire(t *testing.T) {
	c := client(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, http.MethodPost, r.Method)
		require.Equal(t, "/a b", r.URL.Path)
		require.Equal(t, "/a%20b?q=1", r.RequestURI)
		require.Equal(t, "1", r.URL.Query().Get("q"))
		require.Equal(t, "example.com", r.Host)
		require.Equal(t, []string{"1", "2"}, r.Header.Values("X-Twice"))
		require.EqualValues(t, 4, r.ContentLength)
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		w.Header().Set("X-Answer", "yes")
		w.WriteHeader(http.StatusTeapot)
		w.Write(body)
	})
	r, err := http.NewRequest(http.MethodPost, "http://example.com/a%20b?q=1", strings.NewReader("body"))
	require.NoError(t, err)
	r.Header["X-Twice"], r.Header["x-twice"] = []string{" 1\t"}, []string{"2"}
	res, err := c.Do(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusTeapot, res.StatusCode)
	require.Equal(t, "yes", res.Header.Get("X-Answer"))
	require.Same(t, r, res.Request)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "body", string(body))
}

func TestTransportWithoutABody(t *testing.T) {
	res, err := client(func(_ http.ResponseWriter, r *http.Request) {
		require.Equal(t, http.MethodGet, r.Method)
		require.Zero(t, r.ContentLength)
		require.NotNil(t, r.Body)
	}).Get("http://example.com/")
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode)
}

// The client gives up, the handler is told and goes on, and CloseIdleConnections waits for it.
func TestTransportClientGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told, finished atomic.Bool
		c := client(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			told.Store(true)
			time.Sleep(time.Hour)
			finished.Store(true)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://example.com/", strings.NewReader("x"))
		require.NoError(t, err)
		start := time.Now()
		_, err = c.Do(r)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
		synctest.Wait()
		require.True(t, told.Load())
		require.False(t, finished.Load())
		c.CloseIdleConnections()
		require.True(t, finished.Load())

		_, err = c.Do(r.Clone(ctx))
		require.ErrorIs(t, err, context.DeadlineExceeded, "an ended context reaches no handler")
	})
}

func TestTransportClientTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Minute) })
		c.Timeout = 10 * time.Second
		_, err := c.Post("http://example.com/", "text/plain", strings.NewReader("x"))
		var timeout interface{ Timeout() bool }
		require.ErrorAs(t, err, &timeout)
		require.True(t, timeout.Timeout())
		c.CloseIdleConnections()
	})
}

// A handler that reads a body which does not come is let go when the client gives up.
func TestTransportUnblocksTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var readErr error
		c := client(func(_ http.ResponseWriter, r *http.Request) { _, readErr = io.ReadAll(r.Body) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		body, _ := io.Pipe()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://example.com/", body)
		require.NoError(t, err)
		_, err = c.Do(r)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		c.CloseIdleConnections()
		require.ErrorIs(t, readErr, io.ErrClosedPipe)
	})
}

func TestTransportCrash(t *testing.T) {
	boom := errors.New("boom")
	for name, h := range map[string]http.HandlerFunc{
		"panic":  func(http.ResponseWriter, *http.Request) { panic(boom) },
		"abort":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"goexit": func(http.ResponseWriter, *http.Request) { runtime.Goexit() },
	} {
		_, err := client(h).Get("http://example.com/")
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
	}
	res, err := client(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		w.(http.Flusher).Flush()
		runtime.Goexit()
	}).Get("http://example.com/")
	require.NoError(t, err, "what was flushed arrives")
	require.Equal(t, 500, res.StatusCode)
}
