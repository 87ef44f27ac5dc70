package receiver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// maxSmall is the size up to which bodies are read into pooled buffers and take nothing of the budget. The memory of a
// large one is the garbage collector's when it is answered: one of them shall not keep it for ever.
const maxSmall = 64 << 10

// intake reads the body of one request. Close it, whatever happens.
type intake struct {
	*handler
	body   []byte
	pooled *[]byte
	taken  int64 // of the budget
}

func (h *handler) intake() intake {
	buf := h.buffers.Get().(*[]byte)
	return intake{handler: h, pooled: buf, body: (*buf)[:0]}
}

// close ends the use of body.
func (in *intake) close() {
	in.buffers.Put(in.pooled)
	if in.taken > 0 {
		in.unverified.give(in.taken)
	}
}

// read reads the whole body. The declared length is not believed: memory follows the bytes that arrive.
func (in *intake) read(r *http.Request) *Rejection {
	if r.Body == nil {
		return nil
	}
	for {
		if len(in.body) == cap(in.body) && !in.grow(r.Context()) {
			return &Rejection{Status: http.StatusServiceUnavailable, Err: errNoRoom}
		}
		n, err := r.Body.Read(in.body[len(in.body):cap(in.body)])
		in.body = in.body[:len(in.body)+n]
		if int64(len(in.body)) > in.cfg.MaxBody {
			return reject(http.StatusRequestEntityTooLarge, "body exceeds %d bytes", in.cfg.MaxBody)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return rejectRead(err)
		}
	}
}

var errNoRoom = errors.New("no room: large bodies that are not verified yet hold all that Config.MaxUnverified allows")

// grow doubles the buffer, up to one byte over the limit, by which too much is told. It reports whether the budget
// allows that.
func (in *intake) grow(ctx context.Context) bool {
	size := min(2*int64(cap(in.body)), in.cfg.MaxBody+1)
	if size > maxSmall {
		more := min(size, in.cfg.MaxBody) - in.taken
		if !in.unverified.take(ctx, more) {
			return false
		}
		in.taken += more
	}
	in.body = append(make([]byte, 0, size), in.body...)
	if size <= maxSmall {
		*in.pooled = in.body
	}
	return true
}

func rejectRead(err error) *Rejection {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return reject(http.StatusRequestEntityTooLarge, "read body: %w", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return reject(http.StatusRequestTimeout, "read body: %w", err)
	default:
		return reject(http.StatusBadRequest, "read body: %w", err)
	}
}

// limitReading bounds how long the request's bytes may take, also those the server discards after an early refusal.
// When the body has been read net/http lifts the deadline itself, and sets its own for the next request. Where it is
// not supported the host has wrapped the ResponseWriter and keeps its own limits.
func (h *handler) limitReading(w http.ResponseWriter, from time.Time) {
	if h.cfg.ReadTimeout > 0 {
		_ = http.NewResponseController(w).SetReadDeadline(from.Add(h.cfg.ReadTimeout))
	}
}
