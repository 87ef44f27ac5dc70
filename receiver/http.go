package receiver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// HTTP makes an ordinary endpoint an [EventHandler]. The endpoint sees the request as it came, its body intact.
// [FromContext] gives it the event, and its context ends as that of any EventHandler does. What it answers decides:
//
//	2xx, or nothing final    the event is committed and the sender gets 200
//	4xx, 5xx                 the event is released and the sender gets that status, with the endpoint's Retry-After
//	anything else            the event is released and the sender gets 500
//
// Mind that many senders never retry a 4xx other than 408 and 429. The status and Retry-After are all that passes.
// Other headers and the body of the answer are dropped; Flush, Hijack and deadlines are not supported. Below something
// that runs events without their requests, such as an inbox, the endpoint sees a POST of the body to "/".
//
// HTTP panics if h is nil.
func HTTP(h http.Handler) EventHandler {
	if h == nil {
		panic("receiver: HTTP: nil handler")
	}
	return HandlerFunc(func(ctx context.Context, ev *Event) error {
		w := &statusWriter{header: make(http.Header)}
		h.ServeHTTP(w, requestOf(ctx, ev))
		return w.verdict()
	})
}

func requestOf(ctx context.Context, ev *Event) *http.Request {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		r, _ := http.NewRequest(http.MethodPost, "/", nil) // cannot fail with these arguments
		r.Header.Set("Content-Type", "application/json")
		x = &exchange{request: r}
	}
	r := x.request.WithContext(withExchange(ctx, ev, x.request))
	r.Body = io.NopCloser(bytes.NewReader(ev.Body))
	r.ContentLength = int64(len(ev.Body))
	r.TransferEncoding = nil
	return r
}

// statusWriter keeps the status of an answer and lets go of the rest.
type statusWriter struct {
	header http.Header
	status int
}

func (w *statusWriter) Header() http.Header { return w.header }

// WriteHeader takes the first final status, as net/http does: informational ones come before it and decide nothing. A
// number that is no status, at which net/http panics, is a fault of the endpoint.
func (w *statusWriter) WriteHeader(status int) {
	switch {
	case w.status != 0, status >= 100 && status <= 199 && status != http.StatusSwitchingProtocols:
	case status < 100 || status > 999:
		w.status = http.StatusInternalServerError
	default:
		w.status = status
	}
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return len(p), nil
}

func (w *statusWriter) verdict() error {
	v := &verdict{
		answer: answer{status: w.status, retryAfter: w.header.Get("Retry-After")},
		err:    fmt.Errorf("receiver: the endpoint answered %d", w.status),
	}
	switch {
	case w.status == 0, w.status >= 200 && w.status <= 299:
		return nil
	case w.status >= 400 && w.status <= 599:
		return v
	default:
		v.answer = answer{status: http.StatusInternalServerError}
		return v
	}
}
