package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
)

// wire is what lies between the services: their webhooks pass through it, to wherever the other one lives at the
// moment. Some answers get lost on it. It remembers when each webhook began to come and when it was acknowledged.
type wire struct {
	to map[string]*process // by path

	mu       sync.Mutex
	moment   int64 // rises with everything that happens
	passages map[passage]*mark
}

// passage is one webhook, however often it comes.
type passage struct {
	to      string
	account string
	number  int64
}

// mark says when a webhook came first, and when it was first acknowledged.
type mark struct {
	began, acknowledged int64         // 0: not yet
	done                chan struct{} // closed when it is acknowledged
}

func newWire(to map[string]*process) *wire { return &wire{to: to, passages: make(map[passage]*mark)} }

// lossy is how seldom an answer is lost: one in so many.
const lossy = 50

// ServeHTTP passes one request on. Where that does not work, the sender sees a connection that breaks.
func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	to := w.to[r.PathValue("service")]
	body, err := io.ReadAll(http.MaxBytesReader(out, r.Body, 64<<10))
	if err != nil || to == nil {
		panic(http.ErrAbortHandler)
	}
	t, err := transferMade.Decode(body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	p := passage{to.task.Service, t.Account, t.Number}
	w.begin(p)
	answer, err := pass(r, to, body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		w.acknowledge(p)
		if rand.N(lossy) == 0 {
			panic(http.ErrAbortHandler)
		}
	}
	for name, values := range answer.Header {
		out.Header()[name] = values
	}
	out.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(out, answer.Body)
}

// client is for all requests of the parent. The services are a few addresses with many requests at once.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func pass(r *http.Request, to *process, body []byte) (*http.Response, error) {
	address, err := to.address()
	if err != nil {
		return nil, err
	}
	on, err := http.NewRequestWithContext(r.Context(), r.Method, address+"/webhooks", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	on.Header = r.Header.Clone()
	answer, err := client.Do(on)
	if err != nil {
		return nil, fmt.Errorf("pass on to %s: %w", to.task.Service, err)
	}
	return answer, nil
}

func (w *wire) mark(p passage) *mark {
	m := w.passages[p]
	if m == nil {
		m = &mark{done: make(chan struct{})}
		w.passages[p] = m
	}
	return m
}

func (w *wire) begin(p passage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m := w.mark(p); m.began == 0 {
		w.moment++
		m.began = w.moment
	}
}

func (w *wire) acknowledge(p passage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m := w.mark(p); m.acknowledged == 0 {
		w.moment++
		m.acknowledged = w.moment
		close(m.done)
	}
}

// acknowledged is closed when a webhook is.
func (w *wire) acknowledged(p passage) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mark(p).done
}
