package model

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// trace is what was seen at the two seams of a Sender, the store and the network, in the order in which it happened.
type trace struct {
	mu   sync.Mutex
	seen []any // claimed, requested, settled
}

type claimed struct {
	at     time.Time
	lease  time.Duration
	claims []driver.Claim
}

type requested struct {
	at     time.Time
	url    string
	header http.Header
	body   []byte
	answer answer
}

type settled struct {
	at       time.Time
	outcomes []driver.Outcome
	results  []driver.Settled
}

func (tr *trace) add(what any) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.seen = append(tr.seen, what)
}

func (tr *trace) take() []any {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	seen := tr.seen
	tr.seen = nil
	return seen
}

// witness is a store that writes down what it is asked, and plays the workers that die: what one of them had claimed,
// or was about to settle, is never heard of again.
//
// It makes one call at a time, so that the trace has the order in which the calls took effect.
type witness struct {
	sender.Store
	trace *trace

	mu                     sync.Mutex
	dieClaiming, dieAtWork bool // the next time
	repeat                 bool // the answer of the next Settle gets lost, and the caller asks again
	failed                 bool // a Claim has returned an error since this was last looked at
}

var errLost = errors.New("model: the connection broke before the answer came")

func (w *witness) Enqueue(
	ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	for range 20 {
		runtime.Gosched() // so that publishers gather, as they do while a database writes
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	results, claims, err := w.Store.Enqueue(ctx, pubs, r)
	if len(claims) > 0 {
		w.trace.add(claimed{time.Now(), r.Lease, claims})
	}
	if len(claims) > 0 && w.dieClaiming && pubs[0].Only == "" {
		w.dieClaiming, claims = false, nil
	}
	return results, claims, err
}

func (w *witness) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.Store.Claim(ctx, r)
	if len(c.Claims) > 0 {
		w.trace.add(claimed{time.Now(), r.Lease, c.Claims})
		if w.dieClaiming {
			w.dieClaiming, w.failed = false, true
			return driver.Claims{}, errLost
		}
	}
	return c, err
}

func (w *witness) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dieAtWork {
		w.dieAtWork = false
		return make([]driver.Settled, len(outcomes)), nil // whoever asks is dead: it must not try again
	}
	results, err := w.Store.Settle(ctx, outcomes)
	if err == nil && w.repeat {
		w.repeat = false
		results, err = w.Store.Settle(ctx, outcomes)
	}
	if err == nil {
		w.trace.add(settled{time.Now(), outcomes, results})
	}
	return results, err
}

// Wait implements driver.Waiter for stores that do and for those that do not.
func (w *witness) Wait(ctx context.Context) error {
	if waiter, ok := w.Store.(driver.Waiter); ok {
		return waiter.Wait(ctx)
	}
	<-ctx.Done()
	return ctx.Err()
}

// arm changes what the witness does next.
func (w *witness) arm(change func(*witness)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// hasFailed reports whether a process may be waiting before it asks again.
func (w *witness) hasFailed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	failed := w.failed
	w.failed = false
	return failed
}

// answer is how an endpoint takes a request.
type answer struct {
	name       string
	status     int // 0 with class
	class      string
	retryAfter time.Duration
}

var answers = []answer{
	{name: "200", status: 200},
	{name: "204", status: 204},
	{name: "500", status: 500},
	{name: "404", status: 404},
	{name: "302", status: 302},
	{name: "503 with Retry-After: 600", status: 503, retryAfter: 10 * time.Minute},
	{name: "429 with Retry-After: 86400", status: 429, retryAfter: 24 * time.Hour},
	{name: "no answer", class: sender.ClassTimeout},
	{name: "no connection", class: sender.ClassConnect},
}

// network holds the endpoints: one for each host. An unknown host answers 200.
type network struct {
	trace *trace

	mu      sync.Mutex
	answers map[string]answer // by host
}

func (n *network) set(host string, a answer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answers[host] = a
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	a, known := n.answers[r.URL.Host]
	n.mu.Unlock()
	if !known {
		a = answers[0]
	}
	n.trace.add(requested{time.Now(), r.URL.String(), r.Header.Clone(), body, a})
	switch a.class {
	case sender.ClassTimeout:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case sender.ClassConnect:
		return nil, io.ErrUnexpectedEOF
	}
	h := http.Header{}
	if a.retryAfter > 0 {
		h.Set("Retry-After", seconds(a.retryAfter))
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(bytes.NewReader(nil))}, nil
}
