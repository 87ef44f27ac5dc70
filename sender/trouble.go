package sender

import (
	"context"
	"sync"
	"time"
)

// troubleGaps are the times between two lines about the same trouble; the last one repeats.
var troubleGaps = []time.Duration{time.Second, 10 * time.Second, time.Minute, 10 * time.Minute}

// trouble spaces out what is logged of calls that keep failing, by the name of the call. The zero trouble is none.
type trouble struct {
	mu  sync.Mutex
	ops map[string]*troubled
}

// troubled is what is known of one call.
type troubled struct {
	since, last time.Time // of its first and last failure
	failures    int       // since then
	logged      time.Time // when a line was written
	lines       int       // that were
	told        bool      // the last line was of a failure
	failing     bool
}

// failed counts a failure. It returns what to log; nil for nothing.
func (t *trouble) failed(op string, now time.Time) (line []any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of := t.ops[op]
	// Trouble that comes back soon is the same trouble, lest calls that fail now and then fill the log.
	if of == nil || now.Sub(of.last) >= troubleGaps[len(troubleGaps)-1] {
		of = &troubled{since: now}
		if t.ops == nil {
			t.ops = map[string]*troubled{}
		}
		t.ops[op] = of
	}
	of.failures++
	of.last, of.failing = now, true
	if of.lines > 0 && now.Sub(of.logged) < troubleGaps[min(of.lines, len(troubleGaps))-1] {
		return nil
	}
	of.lines++
	of.logged, of.told = now, true
	return of.line(op)
}

// worked counts a success. It returns what to log of the recovery; nil for nothing.
func (t *trouble) worked(op string) (line []any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of := t.ops[op]
	if of == nil {
		return nil
	}
	of.failing = false
	if !of.told {
		return nil
	}
	of.told = false
	return of.line(op)
}

func (t *troubled) line(op string) []any {
	return []any{"op", op, "failures", t.failures, "since", t.since}
}

// failing reports since when one of the calls that deliveries need has failed without end.
func (t *trouble) failing(ops ...string) (op string, since time.Time, failing bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, op := range ops {
		if of := t.ops[op]; of != nil && of.failing {
			return op, of.since, true
		}
	}
	return "", time.Time{}, false
}

// storeFailed tells of a call of Run that failed: the hook of each, the log of fewer and fewer.
func (s *Sender) storeFailed(ctx context.Context, op string, err error) {
	if line := s.trouble.failed(op, time.Now()); line != nil {
		s.cfg.Logger.WarnContext(ctx, "store failed", append(line, "error", err)...)
	}
	if hook := s.cfg.Hooks.StoreFailed; hook != nil {
		s.guarded(ctx, "StoreFailed", func() { hook(ctx, op, err) })
	}
}

// storeWorked ends what storeFailed tells of.
func (s *Sender) storeWorked(ctx context.Context, op string) {
	if line := s.trouble.worked(op); line != nil {
		s.cfg.Logger.InfoContext(ctx, "store works again", line...)
	}
}
