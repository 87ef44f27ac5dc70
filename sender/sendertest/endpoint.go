package sendertest

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// quiet is how long RequireNone listens: long enough for an attempt that is due, short enough not to be noticed.
const quiet = 50 * time.Millisecond

// Endpoint is a scripted far end that records what it gets. Make one with [NewEndpoint] and hand it to [New] or
// [Transport]; it is also an [http.Handler], for tests over a real connection. Its methods may be called concurrently,
// except for those named Require.
type Endpoint struct {
	// URL is where to subscribe it: a made-up https address that no other endpoint has. A test that needs a certain host
	// sets another one before it calls New or Transport. Requests are told apart by host name alone, so that any path may
	// be subscribed.
	URL string
	// Patience is how long RequireRequests waits, at most. Defaults to 5 s.
	Patience time.Duration

	t       testing.TB
	replies []Reply

	mu       sync.Mutex
	requests []Request
	arrived  chan struct{}       // closed with each request; then there is a new one
	verify   func(Request) error // nil: nothing is checked
	closed   bool                // the test is over
}

// Request is one request as an [Endpoint] got it.
type Request struct {
	Method string
	URL    string // path and query
	Header http.Header
	Body   []byte
	At     time.Time
}

// NewEndpoint makes an endpoint that answers requests with the replies in turn, and with the last one for ever after;
// without any, with status 200.
func NewEndpoint(t testing.TB, replies ...Reply) *Endpoint {
	t.Helper()
	if i := slices.IndexFunc(replies, func(r Reply) bool { return r == nil }); i >= 0 {
		t.Fatalf("sendertest: NewEndpoint: reply %d is nil", i+1)
	}
	if len(replies) == 0 {
		replies = []Reply{Status(http.StatusOK)}
	}
	e := &Endpoint{
		URL:      "https://endpoint-" + strings.ToLower(rand.Text()[:8]) + ".test/webhooks",
		Patience: 5 * time.Second,
		t:        t,
		replies:  slices.Clone(replies),
		arrived:  make(chan struct{}),
	}
	t.Cleanup(e.close)
	return e
}

func (e *Endpoint) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
}

// Trust tells the endpoint its secrets, as Subscribe and RotateSecret show them; they replace those it trusted before.
// From now on a request that none of them signed fails the test: one of Kirim or Standard Webhooks without a valid
// signature, one of Kirisan without the secret itself, and one without the marks of any of these. Until Trust is
// called, and after a call without secrets, nothing is checked.
func (e *Endpoint) Trust(secrets ...signature.Secret) {
	e.t.Helper()
	if i := slices.IndexFunc(secrets, signature.Secret.IsZero); i >= 0 {
		e.t.Fatalf("sendertest: Trust: secret %d is empty; a subscription without a secret has nothing to trust", i+1)
	}
	if len(secrets) == 0 {
		e.Check(nil)
		return
	}
	trusted := slices.Clone(secrets)
	e.Check(func(r Request) error { return verify(&r, trusted) })
}

// Check replaces what Trust was told by a rule of the test's own, for a dialect that Trust does not know. A request for
// which it returns an error fails the test; nil checks nothing. verify must not keep or change the request.
func (e *Endpoint) Check(verify func(Request) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.verify = verify
}

// ServeHTTP records the request, checks its signature and answers as the script says.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the sender hung up
	}
	reply := e.record(Request{Method: r.Method, URL: r.URL.RequestURI(), Header: r.Header.Clone(), Body: body,
		At: time.Now()})
	if reply == nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	reply(w, r)
}

// record keeps r and returns the reply to it, nil after the test. It complains before it wakes anybody, so that a test
// which has seen a request has seen what is wrong with it.
func (e *Endpoint) record(r Request) Reply {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.requests = append(e.requests, r)
	n := len(e.requests)
	if e.verify != nil {
		if err := e.verify(r); err != nil {
			e.t.Errorf("sendertest: %s: request %d is not signed by a trusted secret: %v", e.URL, n, err)
		}
	}
	close(e.arrived)
	e.arrived = make(chan struct{})
	return e.replies[min(n, len(e.replies))-1]
}

// Requests returns what has come so far, oldest first.
func (e *Endpoint) Requests() []Request {
	requests, _ := e.seen()
	return requests
}

// seen also returns a channel that is closed when another request has come.
func (e *Endpoint) seen() ([]Request, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.requests), e.arrived
}
