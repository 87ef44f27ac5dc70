package sendertest

import "time"

// RequireRequests waits until n requests have come, for Patience at most, and returns them, oldest first. Fewer end the
// test, and so do more than n: it asks for exactly n so far, those of earlier calls included. What comes later is not
// its business: let time pass, or wait for the outcome, before asking whether that was all.
func (e *Endpoint) RequireRequests(n int) []Request {
	e.t.Helper()
	if n < 1 {
		e.t.Fatalf("sendertest: RequireRequests(%d): use RequireNone", n)
	}
	timer := time.NewTimer(e.Patience)
	defer timer.Stop()
	for {
		requests, another := e.seen()
		switch {
		case len(requests) == n:
			return requests
		case len(requests) > n:
			e.t.Fatalf("sendertest: %s: got %d requests, want %d", e.URL, len(requests), n)
		}
		select {
		case <-another:
		case <-timer.C:
			e.t.Fatalf("sendertest: %s: got %d requests in %v, want %d", e.URL, len(requests), e.Patience, n)
		}
	}
}

// RequireNone ends the test if a request has come or comes within the next 50 ms. In a bubble these pass at once, and
// nothing that was due is missed; outside, a request that a slow machine makes later is.
func (e *Endpoint) RequireNone() {
	e.t.Helper()
	time.Sleep(quiet)
	if n := len(e.Requests()); n > 0 {
		e.t.Fatalf("sendertest: %s: got %d requests, want none", e.URL, n)
	}
}
