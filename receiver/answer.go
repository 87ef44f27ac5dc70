package receiver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Outcome is what came of one run of the handler.
type Outcome struct {
	Status int           // the answer to the sender
	Err    error         // the handler's error; nil on success
	Took   time.Duration // of the handler alone
}

// busy is how long a sender is asked to wait before it tries an event again that could not be run now.
const busy = 5 * time.Second

// answer is what the sender gets: a status, its text as the body, and maybe a wait. Every cause of a status looks
// alike.
type answer struct {
	status     int
	retryAfter string
}

var busyAnswer = answer{status: http.StatusServiceUnavailable, retryAfter: seconds(busy)}

// seconds rounds up: a sender that comes back early finds nothing changed.
func seconds(d time.Duration) string {
	return strconv.FormatInt(max(1, int64((d-1)/time.Second)+1), 10)
}

// write leaves the headers of a 200 to net/http, which finds the same type and length of a text that short. A header of
// ours would be copied, sorted and written for every event.
func (a answer) write(w http.ResponseWriter) {
	text := http.StatusText(a.status)
	if a.status != http.StatusOK {
		a.explain(w.Header(), len(text))
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, text) // the sender may have hung up
}

func (a answer) explain(h http.Header, length int) {
	plainText(h)
	h.Set("Content-Length", strconv.Itoa(length))
	if a.retryAfter != "" {
		h.Set("Retry-After", a.retryAfter)
	}
}

func plainText(h http.Header) {
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
}

// answerTo turns what a handler returned into the answer. ctx is the one the handler had.
func answerTo(ctx context.Context, err error) answer {
	if err == nil {
		return answer{status: http.StatusOK}
	}
	if v := (*verdict)(nil); errors.As(err, &v) {
		return v.answer
	}
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return busyAnswer
	}
	return answer{status: http.StatusInternalServerError}
}
