package receiver

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/signature"
)

// quiet is how long nothing more is logged of refusals for a reason that was logged.
const quiet = time.Minute

// reasons tell refusals apart. What is none of them is told apart by its status: so there are few, whatever strangers
// send.
var reasons = []error{
	ErrNoDialect, ErrContradiction, envelope.ErrMalformed, errNoRoom, errEncoded,
	signature.ErrMissing, signature.ErrMalformed, signature.ErrMismatch,
	signature.ErrTooOld, signature.ErrTooNew, signature.ErrNoSecret,
}

// cause is what refusals are counted by.
type cause struct {
	dialect string // one of the configured ones, or ""
	status  int
	reason  error // one of reasons, or nil
}

func causeOf(dialect string, no *Rejection) cause {
	for _, reason := range reasons {
		if errors.Is(no.Err, reason) {
			return cause{dialect, no.Status, reason}
		}
	}
	return cause{dialect: dialect, status: no.Status}
}

// tally is what is known of one cause since it was logged last.
type tally struct {
	logged time.Time
	count  int
	latest error
}

// refusals lets an operator see that requests are refused, and not each of them: the first at once, then how many there
// were. No goroutine tells the last ones: the next request does, whatever becomes of it.
type refusals struct {
	mu      sync.Mutex
	tallies map[cause]*tally
}

// refused counts one refusal and logs what is due.
func (h *handler) refused(ctx context.Context, dialect string, no *Rejection) {
	if !h.logs(ctx, slog.LevelWarn) {
		return
	}
	h.refusals.count(causeOf(dialect, no), no.Err)
	h.tellRefusals(ctx, time.Now())
}

func (h *handler) tellRefusals(ctx context.Context, now time.Time) {
	for c, t := range h.refusals.take(now) {
		h.record(ctx, slog.LevelWarn, "receiver: requests refused", slog.String("dialect", c.dialect),
			slog.Int("status", c.status), slog.Int("count", t.count), slog.Any("err", bare(t.latest)))
	}
}

func (r *refusals) count(c cause, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tallies[c] == nil {
		if r.tallies == nil {
			r.tallies = make(map[cause]*tally)
		}
		r.tallies[c] = new(tally)
	}
	r.tallies[c].count++
	r.tallies[c].latest = err
}

// take returns what is due, and counts it anew.
func (r *refusals) take(now time.Time) (due map[cause]tally) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c, t := range r.tallies {
		if t.count == 0 || now.Sub(t.logged) < quiet {
			continue
		}
		if due == nil {
			due = make(map[cause]tally)
		}
		due[c] = *t
		*t = tally{logged: now}
	}
	return due
}

var errEncoded = errors.New("body is encoded; send it plain")

func encoded() *Rejection {
	return &Rejection{Status: http.StatusUnsupportedMediaType, Err: errEncoded}
}
