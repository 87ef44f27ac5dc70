package sendertest

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// Reply answers one request. It is an ordinary handler, so that a test can write its own; the request's body can be
// read, and its context ends when the sender hangs up or the test ends.
type Reply func(w http.ResponseWriter, r *http.Request)

// Status answers with code and no body.
func Status(code int) Reply {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// Body answers with code and text.
func Body(code int, text string) Reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text)
	}
}

// RetryAfter answers with code and asks for d of patience, in whole seconds, rounded up. A Sender honours it beyond the
// contract's schedule, that of [New] too: outside a bubble the test then waits for real.
func RetryAfter(code int, d time.Duration) Reply {
	seconds := (d + time.Second - 1) / time.Second
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
		w.WriteHeader(code)
	}
}

// Redirect answers with code and sends the sender to url.
func Redirect(code int, url string) Reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", url)
		w.WriteHeader(code)
	}
}

// Delay waits for d before it answers as then does.
func Delay(d time.Duration, then Reply) Reply {
	return func(w http.ResponseWriter, r *http.Request) {
		wait(r, d)
		then(w, r)
	}
}

// Hang accepts the request and never answers.
func Hang() Reply {
	return func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// Reset accepts the request and breaks the connection.
func Reset() Reply {
	return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
}

// Drip answers with code at once, then sends n bytes of body after every d, without end.
func Drip(code, n int, d time.Duration) Reply {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(code)
		drop := make([]byte, n)
		for i := range drop {
			drop[i] = '.'
		}
		for control := http.NewResponseController(w); control.Flush() == nil; {
			wait(r, d)
			if _, err := w.Write(drop); err != nil {
				return
			}
		}
	}
}

// wait lets d pass. If the sender hangs up meanwhile, nobody is left to answer.
func wait(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}
