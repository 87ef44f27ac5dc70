package receiver

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
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
// were. There is no goroutine that would tell the last ones: the next request does, whatever becomes of it.
type refusals struct {
	start time.Time
	due   atomic.Int64 // when the next record is due, in nanoseconds since start

	mu      sync.Mutex
	tallies map[cause]*tally
}

func (r *refusals) init() {
	r.start, r.tallies = time.Now(), make(map[cause]*tally)
	r.plan()
}

// refused counts one refusal and logs what is due.
func (h *handler) refused(ctx context.Context, dialect string, no *Rejection) {
	if !h.logs(ctx, slog.LevelWarn) {
		return
	}
	h.refusals.count(causeOf(dialect, no), no.Err)
	h.tellRefusals(ctx, time.Now())
}

// tellRefusals costs a request nothing when there is nothing to tell.
func (h *handler) tellRefusals(ctx context.Context, now time.Time) {
	if int64(now.Sub(h.refusals.start)) < h.refusals.due.Load() {
		return
	}
	for c, t := range h.refusals.take(now) {
		h.record(ctx, slog.LevelWarn, "receiver: requests refused", slog.String("dialect", c.dialect),
			slog.Int("status", c.status), slog.Int("count", t.count), slog.Any("err", bare(t.latest)))
	}
}

func (r *refusals) count(c cause, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tallies[c]
	if t == nil {
		t = new(tally)
		r.tallies[c] = t
	}
	t.count++
	t.latest = err
	r.plan()
}

// take returns what is due, and counts it anew.
func (r *refusals) take(now time.Time) map[cause]tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	due := make(map[cause]tally)
	for c, t := range r.tallies {
		if t.count > 0 && now.Sub(t.logged) >= quiet {
			due[c] = *t
			*t = tally{logged: now}
		}
	}
	r.plan()
	return due
}

// plan finds out when the next record is due.
func (r *refusals) plan() {
	next := time.Duration(math.MaxInt64)
	for _, t := range r.tallies {
		if t.count > 0 {
			next = min(next, t.logged.Add(quiet).Sub(r.start)) // which is long ago if nothing was logged
		}
	}
	r.due.Store(int64(next))
}

var errEncoded = errors.New("body is encoded; send it plain")

func encoded() *Rejection {
	return &Rejection{Status: http.StatusUnsupportedMediaType, Err: errEncoded}
}
