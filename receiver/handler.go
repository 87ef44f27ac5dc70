package receiver

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

type handler struct {
	cfg        Config
	next       EventHandler
	allow      string // the methods, as the Allow header lists them
	buffers    sync.Pool
	unverified budget
	refusals   refusals
}

// Handler returns an [http.Handler] that verifies each request by the dialect it is marked as, keeps duplicates away
// and passes the rest to next. The package comment has the answers. It starts nothing and is safe for concurrent use.
//
// It returns an error that names everything wrong with cfg: a dialect without a secret is wrong.
func Handler(next EventHandler, cfg Config) (http.Handler, error) {
	cfg = cfg.withDefaults()
	err := cfg.validate()
	if next == nil {
		err = errors.Join(errors.New("receiver: next: an EventHandler is required"), err)
	}
	if err != nil {
		return nil, err
	}
	h := &handler{cfg: cfg, next: next, allow: http.MethodPost}
	h.unverified.left = cfg.MaxUnverified
	h.buffers.New = func() any { b := make([]byte, 0, min(4<<10, cfg.MaxBody+1)); return &b }
	if slices.ContainsFunc(cfg.Dialects, func(d Dialect) bool { return d.Challenge != nil }) {
		h.allow = "GET, POST"
	}
	return h, nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	received := time.Now()
	finished := false
	defer func() {
		if !finished {
			h.crashed(w, r, recover())
		}
	}()
	h.limitReading(w, received)
	h.tellRefusals(r.Context(), received)
	if r.Method == http.MethodGet && h.allow != http.MethodPost {
		h.handshake(w, r)
	} else {
		h.receive(w, r, received)
	}
	finished = true
}

func (h *handler) receive(w http.ResponseWriter, r *http.Request, received time.Time) {
	d, no := h.admit(r)
	if no != nil {
		h.refuse(w, r, d, no)
		return
	}
	ev, no := h.verify(r, d, received)
	if no != nil {
		h.refuse(w, r, d, no)
		return
	}
	a := h.deliver(r, d, ev)
	if h.logs(r.Context(), slog.LevelDebug) {
		h.log(r.Context(), slog.LevelDebug, "receiver: answered", ev, slog.Int("status", a.status))
	}
	a.write(w)
}

// admit looks at what the headers alone show, before a byte of the body is read.
func (h *handler) admit(r *http.Request) (*Dialect, *Rejection) {
	if r.Method != http.MethodPost {
		return nil, reject(http.StatusMethodNotAllowed, "method is not %s", h.allow)
	}
	for _, coding := range r.Header["Content-Encoding"] {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return nil, encoded()
		}
	}
	if r.ContentLength > h.cfg.MaxBody {
		return nil, reject(http.StatusRequestEntityTooLarge, "body of %d bytes exceeds %d", r.ContentLength, h.cfg.MaxBody)
	}
	// It is tempting to look at Content-Type here. There is one way to read a body whatever it says, so that
	// nobody can choose the parser, and senders get it wrong.
	var d *Dialect
	twice := ""
	for i := range h.cfg.Dialects {
		c := &h.cfg.Dialects[i]
		marked, name := c.inspect(r.Header)
		if !marked {
			continue
		}
		if d != nil {
			return nil, reject(http.StatusBadRequest, "%w: marks of %s and %s", ErrContradiction, d.Name, c.Name)
		}
		d, twice = c, name
	}
	if d == nil {
		return nil, &Rejection{Status: http.StatusUnauthorized, Err: ErrNoDialect}
	}
	if twice != "" {
		return d, reject(http.StatusBadRequest, "%w: header %s stands more than once", ErrContradiction, twice)
	}
	return d, nil
}

// verify reads the body and turns it into an event.
func (h *handler) verify(r *http.Request, d *Dialect, received time.Time) (*Event, *Rejection) {
	body, secret, no := h.authentic(r, d, received)
	if no != nil {
		return nil, no
	}
	return d.event(Request{Header: r.Header, Body: body}, secret, received)
}

// authentic returns the verified body. Refused requests cost no memory of their own: the body is copied out of the
// buffer only after the signature has matched.
func (h *handler) authentic(r *http.Request, d *Dialect, received time.Time) (body []byte, secret int, no *Rejection) {
	in := h.intake()
	defer in.close()
	if no := in.read(r); no != nil {
		return nil, 0, no
	}
	secret, err := d.Verify(Request{Header: r.Header, Body: in.body}, received)
	if err != nil {
		return nil, 0, &Rejection{Status: http.StatusUnauthorized, Err: err}
	}
	return bytes.Clone(in.body), secret, nil
}

// event parses a verified request.
func (d *Dialect) event(r Request, secret int, received time.Time) (*Event, *Rejection) {
	e, key, err := d.Parse(r)
	if err != nil {
		return nil, &Rejection{Status: http.StatusBadRequest, Err: err}
	}
	e.Body = r.Body
	if e.CreatedAt = e.CreatedAt.UTC(); e.CreatedAt.Year() < 1 || e.CreatedAt.Year() > 9999 {
		e.CreatedAt = time.Time{} // a time that could not be written again, and so not be passed on
	}
	if d.Key != nil {
		key = d.Key(e)
	}
	if key != "" {
		key = d.Name + ":" + key
	}
	ev := &Event{Event: e, Key: key, Dialect: d.Name, Secret: secret, ReceivedAt: received}
	if id := value(r.Header, d.DeliveryHeader); envelope.Printable(id, maxID) {
		ev.DeliveryID = id
	}
	if n, err := strconv.Atoi(value(r.Header, d.AttemptHeader)); err == nil && n > 0 {
		ev.Attempt = n
	}
	return ev, nil
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, d *Dialect, no *Rejection) {
	name := ""
	if d != nil {
		name = d.Name
	}
	h.report(r, name, no)
	a := answer{status: no.Status}
	switch no.Status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", h.allow)
	case http.StatusServiceUnavailable:
		a = busyAnswer
		fallthrough
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout:
		w.Header().Set("Connection", "close") // the rest of the body is not waited for
	}
	a.write(w)
}

func (h *handler) report(r *http.Request, dialect string, no *Rejection) {
	ctx := r.Context()
	h.refused(ctx, dialect, no)
	if h.cfg.Hooks.Rejected != nil {
		h.observe(ctx, "Rejected", func() { h.cfg.Hooks.Rejected(ctx, dialect, no) })
	}
	if h.logs(ctx, slog.LevelDebug) {
		h.record(ctx, slog.LevelDebug, "receiver: rejected",
			slog.String("dialect", dialect), slog.Int("status", no.Status), slog.Any("err", bare(no.Err)))
	}
}

// crashed answers for a dialect that panicked and for a handler that ended its goroutine; v is nil for the latter.
// Only flushing gets the answer out before net/http drops the connection of a goroutine that ends.
func (h *handler) crashed(w http.ResponseWriter, r *http.Request, v any) {
	if v == http.ErrAbortHandler {
		panic(v)
	}
	if v != nil {
		h.record(r.Context(), slog.LevelError, "receiver: panic",
			slog.String("panic", panicText(v)), slog.String("stack", string(debug.Stack())))
	} else {
		h.record(r.Context(), slog.LevelError, "receiver: the handler ended its goroutine with runtime.Goexit")
	}
	w.Header().Set("Connection", "close")
	answer{status: http.StatusInternalServerError}.write(w)
	_ = http.NewResponseController(w).Flush()
}
