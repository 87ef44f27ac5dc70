package sqlinbox

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// answerTo reads a handler's error as a sender would get to know it: [receiver.Permanent] and other final answers end
// the event, and a Retry-After is heeded. Only package receiver can tell, so it is asked to answer.
func answerTo(failure error) (permanent bool, atLeast time.Duration) {
	defer func() { _ = recover() }() // [http.ErrAbortHandler], which says neither
	ctx := context.WithValue(context.Background(), failureKey{}, failure)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
	if err != nil {
		return false, 0
	}
	r.Header.Set(askedMark, "1")
	w := &answer{header: make(http.Header)}
	asked().ServeHTTP(w, r)
	if seconds, err := strconv.ParseInt(w.header.Get("Retry-After"), 10, 32); err == nil {
		atLeast = time.Duration(seconds) * time.Second
	}
	switch w.status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false, atLeast
	default:
		return w.status >= 400 && w.status <= 499, atLeast
	}
}

type failureKey struct{}

const askedMark = "X-Asked"

var asked = sync.OnceValue(func() http.Handler {
	fail := func(ctx context.Context, _ *receiver.Event) error {
		failure, _ := ctx.Value(failureKey{}).(error)
		return failure
	}
	h, err := receiver.Handler(receiver.HandlerFunc(fail), receiver.Config{
		Dialects: []receiver.Dialect{{
			Name:     "asked",
			Marks:    []string{askedMark},
			Verify:   func(receiver.Request, time.Time) (int, error) { return -1, nil },
			Parse:    func(receiver.Request) (envelope.Event, string, error) { return envelope.Event{}, "", nil },
			Deadline: time.Hour,
		}},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err) // a dialect of ours that is wrong
	}
	return h
})

// answer keeps the status and the headers.
type answer struct {
	header http.Header
	status int
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return len(p), nil }
