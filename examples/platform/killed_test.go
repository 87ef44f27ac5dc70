package main

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What a process had accepted when it was killed, the others deliver.
func TestKilledProcess(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		if store == "memory" {
			t.Skip("memory does not outlive the process")
		}
		h := newHook(t, 200)
		p, other := startProcess(t, "-store", store), startProcess(t, "-store", store)
		id, _ := p.subscribe(h.URL, `["*"]`)
		// Held, so that nothing is in flight: that would have to wait for its lease to run out.
		other.data(200, "PATCH", "webhook_subscriptions/"+id, `{"status":"paused"}`)
		const n = 50
		for i := range n {
			p.publish(fmt.Sprintf("evt_%d", i), "a.b")
		}
		p.die()
		other.data(200, "PATCH", "webhook_subscriptions/"+id, `{"status":"active"}`)
		got := map[string]bool{}
		for range n {
			got[h.next(t).header.Get("X-Kirim-Event-Id")] = true
		}
		require.Len(t, got, n)
		require.Len(t, other.await("delivered", "webhook_deliveries?limit=100"), n)
	})
}

// die is kill -9.
func (p *process) die() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Kill())
	_, err := p.wait()
	require.Error(p.t, err)
}

// Two processes share a Postgres. In the middle of thousands of events one is killed; its callers go on at the other.
func TestKilledInTheMiddleOnPostgres(t *testing.T) {
	t.Parallel()
	store := newDatabase(t)
	one, other := startOrdeal(t, store), startOrdeal(t, store)
	o := newOrdeal(t, other)
	o.publish(one, other, func() *process { return other })
	o.judge(other.client)
}

// One process has an SQLite file. In the middle of thousands of events it is killed, and started again; its callers
// wait.
func TestKilledInTheMiddleOnSQLite(t *testing.T) {
	t.Parallel()
	store := "sqlite:" + filepath.Join(t.TempDir(), "platform.db")
	one := startOrdeal(t, store)
	o := newOrdeal(t, one)
	var again *process
	o.publish(one, one, func() *process {
		again = startOrdeal(t, store)
		return again
	})
	o.judge(again.client)
}

func startOrdeal(t *testing.T, store string) *process {
	if testing.Short() {
		t.Skip("waits for leases to run out")
	}
	const moreRetriesThanAnybodyIsUnlucky = "20ms,20ms,20ms,20ms,20ms,20ms,20ms,20ms"
	return startProcess(t, "-store", store, "-schedule", moreRetriesThanAnybodyIsUnlucky)
}

const (
	many    = 3000 // events
	callers = 16
	// held is how many leases one process has at most: an attempt for each of its workers, and as many results that
	// are not written yet.
	held = 2 * 256
	long = 3 * patience // a lease runs out within it too
)

// ordeal is what a process is killed in: many callers that publish, and a far end that fails every seventh request.
type ordeal struct {
	*testing.T
	far    *httptest.Server
	caller http.Client

	mu       sync.Mutex
	came     int
	requests map[wire]int
	good     map[string]bool // deliveries that were answered with success
}

// wire is what tells one request from another.
type wire struct{ delivery, attempt string }

func newOrdeal(t *testing.T, p *process) *ordeal {
	o := &ordeal{
		T: t, requests: map[wire]int{}, good: map[string]bool{},
		caller: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}},
	}
	o.far = httptest.NewServer(o)
	t.Cleanup(o.far.Close)
	t.Cleanup(o.caller.CloseIdleConnections)
	p.subscribe(o.far.URL, `["*"]`)
	return o
}

func (o *ordeal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return // it broke off
	}
	time.Sleep(200 * time.Millisecond) // so that a good deal is in flight
	delivery := r.Header.Get("X-Kirim-Delivery-Id")
	o.mu.Lock()
	defer o.mu.Unlock()
	o.came++
	o.requests[wire{delivery, r.Header.Get("X-Kirim-Attempt")}]++
	if o.came%7 == 0 {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	o.good[delivery] = true
}

// publish has half of the callers publish at each of the two processes, which may be one. It kills the first one when
// half of the events are accepted. Who published there goes on at what next returns. It returns when all are accepted.
func (o *ordeal) publish(first, second *process, next func() *process) {
	o.Helper()
	var at [2]atomic.Pointer[process]
	at[0].Store(first)
	at[1].Store(second)
	var accepted atomic.Int64
	half := make(chan struct{})
	var calls sync.WaitGroup
	for i := range callers {
		calls.Go(func() {
			for n := i; n < many; n += callers {
				if err := o.insist(fmt.Sprintf("evt_%d", n), &at[i%2]); err != nil {
					o.Error(err)
					return
				}
				if accepted.Add(1) == many/2 {
					close(half)
				}
			}
		})
	}
	select {
	case <-half:
	case <-time.After(long):
		require.FailNow(o, "events are not accepted")
	}
	first.die()
	survivor := next()
	at[0].Store(survivor)
	at[1].Store(survivor)
	calls.Wait()
	require.EqualValues(o, many, accepted.Load())
}

// insist publishes an event until it is told that it is accepted. Who cannot reach a process, or loses it, cannot know.
func (o *ordeal) insist(id string, at *atomic.Pointer[process]) error {
	body := `{"source":"kirim","type":"a.b","body":` + native(id, "a.b") + `}`
	for end := time.Now().Add(long); ; time.Sleep(5 * time.Millisecond) {
		answer, err := o.caller.Post(at.Load().base+"/v1/events", "application/json", strings.NewReader(body))
		if err == nil {
			text, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusCreated || answer.StatusCode == http.StatusOK {
				return nil
			}
			return fmt.Errorf("event %s: %d %s", id, answer.StatusCode, text)
		}
		if time.Now().After(end) {
			return fmt.Errorf("event %s: %w", id, err)
		}
	}
}

// judge waits until nothing is pending: every event is then delivered, once, and what was sent twice was in flight when
// the process was killed, by the log.
func (o *ordeal) judge(c *client) {
	o.Helper()
	require.Eventually(o, func() bool { return len(c.list("webhook_deliveries?status=pending&limit=1")) == 0 }, long,
		50*time.Millisecond)
	o.mu.Lock()
	defer o.mu.Unlock()
	events, lapsed, repeated := map[string]bool{}, 0, 0
	for d := range c.deliveries() {
		require.Equal(o, "delivered", d["status"], d)
		require.True(o, o.good[d["id"].(string)], "%v is delivered, and nobody said so", d)
		require.False(o, events[d["event_id"].(string)], "%v is there twice", d)
		events[d["event_id"].(string)] = true
		lapses := map[string]int{}
		for _, a := range objects(c.data(200, "GET", "webhook_deliveries/"+d["id"].(string), "")["attempts"]) {
			if a["error_class"] == "unknown" {
				lapses[fmt.Sprint(a["attempt"])]++
				lapsed++
			}
		}
		for n := 1; n <= int(d["attempt"].(float64)); n++ {
			attempt := fmt.Sprint(n)
			again := o.requests[wire{d["id"].(string), attempt}] - 1
			require.LessOrEqual(o, again, lapses[attempt], "attempt %d of %v was repeated, and no lease ran out", n, d)
			repeated += max(0, again)
		}
	}
	require.Len(o, events, many)
	require.Positive(o, lapsed, "nothing was in flight")
	require.LessOrEqual(o, lapsed, held)
	o.Logf("%d events, %d requests; %d in flight at the kill, %d of them sent twice", many, o.came, lapsed, repeated)
}

// deliveries are all of them, page by page.
func (c *client) deliveries() iter.Seq[object] {
	return func(yield func(object) bool) {
		for cursor := ""; ; {
			page := c.call(200, "GET", "webhook_deliveries?limit=100"+cursor, "")
			for _, d := range objects(page["data"]) {
				if !yield(d) {
					return
				}
			}
			if page["has_more"] == false {
				return
			}
			cursor = "&cursor=" + page["next_cursor"].(string)
		}
	}
}
