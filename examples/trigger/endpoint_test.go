package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// endpoint records requests and answers them with the given statuses, the last one again and again.
type endpoint struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	requests []request
}

type request struct {
	header http.Header
	body   string
	at     time.Time
}

func newEndpoint(t *testing.T, statuses ...int) *endpoint {
	e := &endpoint{statuses: statuses}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.requests = append(e.requests, request{r.Header, string(body), time.Now()})
		w.WriteHeader(e.statuses[0])
		if len(e.statuses) > 1 {
			e.statuses = e.statuses[1:]
		}
	}))
	t.Cleanup(e.Close)
	return e
}

// got returns the requests so far.
func (e *endpoint) got() []request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.requests)
}

// received reads a request as the receiver does, which verifies it.
func received(t *testing.T, r request, secret string) (ev receiver.Event, agent string) {
	keys := signature.NewKeyring(signature.NewSecret(secret))
	handler, err := receiver.Handler(receiver.HandlerFunc(func(_ context.Context, got *receiver.Event) error {
		ev = *got
		return nil
	}), receiver.Config{Dialects: []receiver.Dialect{receiver.Kirim(keys), receiver.Kirisan(keys)}})
	require.NoError(t, err)
	in := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(r.body))
	in.Header = r.header.Clone()
	in.Header.Del("Accept-Encoding")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, in)
	require.Equal(t, 200, answer.Code)
	return ev, r.header.Get("User-Agent")
}

// crowd is an endpoint whose requests, after some to get going, wait for each other until so many are there at once.
type crowd struct {
	*httptest.Server
	mu                 sync.Mutex
	seen, within, most int
}

func newCrowd(t *testing.T, warm, wanted int) *crowd {
	const patience = 5 * time.Second
	var (
		c       = new(crowd)
		company = make(chan struct{})
		once    sync.Once
		goOn    = func() { once.Do(func() { close(company) }) }
	)
	c.Server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		c.mu.Lock()
		c.seen++
		c.within++
		c.most = max(c.most, c.within)
		waits := c.seen > warm
		if waits && c.within == wanted {
			goOn()
		}
		c.mu.Unlock()
		if waits {
			select {
			case <-company:
			case <-time.After(patience): // they never come; the test will say so
				goOn()
			}
		}
		c.mu.Lock()
		c.within--
		c.mu.Unlock()
	}))
	t.Cleanup(c.Close)
	return c
}
