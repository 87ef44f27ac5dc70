package receiver

import (
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"time"
)

// maxPooled keeps one large body from holding its memory for ever.
const maxPooled = 64 << 10

// readBody reads the whole body into buf, which it may grow. The declared length is not believed: memory follows the bytes
// that arrive.
func (h *handler) readBody(r *http.Request, buf []byte) ([]byte, *Rejection) {
	buf = buf[:0]
	if r.Body == nil {
		return buf, nil
	}
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 1)
		}
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > h.cfg.MaxBody {
			return buf, reject(http.StatusRequestEntityTooLarge, "body exceeds %d bytes", h.cfg.MaxBody)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, rejectRead(err)
		}
	}
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

// limitReading bounds how long the request's bytes may take, also those the server discards after an early refusal. net/http
// lifts the deadline itself when the body has been read and sets its own for the next request. Where it is not supported
// the host has wrapped the ResponseWriter and keeps its own limits.
func (h *handler) limitReading(w http.ResponseWriter, from time.Time) {
	if h.cfg.ReadTimeout > 0 {
		_ = http.NewResponseController(w).SetReadDeadline(from.Add(h.cfg.ReadTimeout))
	}
}
