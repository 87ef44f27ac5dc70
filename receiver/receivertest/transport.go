package receivertest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Transport returns a RoundTripper that calls h in this process, as a server would. Header names are made canonical,
// and h gets a goroutine of its own for each request. A request whose context ends returns at once with the context's
// error, while h goes on with its own context cancelled. The answer arrives when h returns. A panic in h is an error of
// the request that wraps [io.ErrUnexpectedEOF].
//
// There is no network in it, so it works inside [testing/synctest] bubbles. There clocks stop when the test function
// returns. [http.Client.CloseIdleConnections] waits for handlers that outlived their requests; call it last. The
// RoundTripper is safe for concurrent use.
func Transport(h http.Handler) http.RoundTripper {
	t := &transport{handler: h}
	t.idle.L = &t.mu
	return t
}

type transport struct {
	handler http.Handler

	mu      sync.Mutex
	running int
	idle    sync.Cond
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body := r.Body
	if body == nil {
		body = http.NoBody
	}
	if err := r.Context().Err(); err != nil {
		_ = body.Close()
		return nil, context.Cause(r.Context())
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &call{request: arriving(ctx, r, body), answer: httptest.NewRecorder(), done: make(chan struct{})}
	t.add(1)
	go func() {
		defer t.add(-1)
		defer cancel()
		defer close(c.done)
		defer body.Close()
		c.serve(t.handler)
	}()
	select {
	case <-c.done:
	case <-r.Context().Done():
		cancel()
		_ = body.Close()
		return nil, context.Cause(r.Context())
	}
	if c.err != nil {
		return nil, c.err
	}
	res := c.answer.Result()
	res.Request = r
	return res, nil
}

// CloseIdleConnections is found by [http.Client.CloseIdleConnections].
func (t *transport) CloseIdleConnections() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.running > 0 {
		t.idle.Wait()
	}
}

func (t *transport) add(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running += n
	if t.running == 0 {
		t.idle.Broadcast()
	}
}

type call struct {
	request *http.Request
	answer  *httptest.ResponseRecorder
	err     error
	done    chan struct{}
}

func (c *call) serve(h http.Handler) {
	returned := false
	defer func() {
		if returned {
			return
		}
		what := "ended its goroutine"
		if v := recover(); v != nil {
			what = fmt.Sprintf("panicked: %v", v)
		}
		if !c.answer.Flushed { // what was flushed would have arrived
			c.err = fmt.Errorf("receivertest: the handler %s: %w", what, io.ErrUnexpectedEOF)
		}
	}()
	h.ServeHTTP(c.answer, c.request)
	returned = true
}

// arriving is r as a server would have read it.
func arriving(ctx context.Context, r *http.Request, body io.ReadCloser) *http.Request {
	in := &http.Request{
		Method:        r.Method,
		URL:           &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery},
		RequestURI:    r.URL.RequestURI(),
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        make(http.Header, len(r.Header)),
		Body:          body,
		ContentLength: r.ContentLength,
		Host:          r.Host,
		RemoteAddr:    "192.0.2.1:1234",
	}
	if in.Method == "" {
		in.Method = http.MethodGet
	}
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.ContentLength == 0 && body != http.NoBody {
		in.ContentLength = -1
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) { // the order on the wire
		for _, v := range r.Header[name] {
			in.Header.Add(name, strings.Trim(v, " \t"))
		}
	}
	return in.WithContext(ctx)
}
