package pgstore

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const minIdentity = 24 * time.Hour // the least that driver.Store promises

// Purge implements [driver.Log]. Identities are kept for 24 hours even if r.Identity is less. It works in transactions
// of at most r.Limit rows each; of several processes at once one works and the others find nothing to do, and what
// another call holds stays for the next Purge. For held deliveries it walks over the subscriptions that are not
// active. For each that has too many it sorts all that it holds, once per r.Limit rows that go: purge often, or with a
// large limit, where backlogs grow by hundreds of thousands.
func (s *Store) Purge(ctx context.Context, r driver.PurgeRequest) (p driver.Purged, err error) {
	defer wrap(&err, "purge")
	identity := max(r.Identity, minIdentity)
	if err := s.cancelUnsubscribed(ctx, r.Limit); err != nil {
		return p, err
	}
	err = s.step(ctx, `select finished, forgotten from {durable}, {schema}.purge_finished($1, $2, $3)`,
		[]any{max(r.Finished, 0), identity, r.Limit}, &p.Deliveries, &p.Events)
	if left := r.Limit - p.Deliveries - p.Events; err == nil && left > 0 {
		var events int
		err = s.step(ctx, `select {schema}.purge_unreferenced($1, $2) from {durable}`, []any{identity, left}, &events)
		p.Events += events
	}
	if left := r.Limit - p.Deliveries - p.Events; err == nil && left > 0 {
		p.Held, err = s.trimHeld(ctx, r, left)
	}
	return p, err
}

// step is one statement with a deadline of its own.
func (s *Store) step(ctx context.Context, text string, args []any, dest ...any) error {
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	return s.row(ctx, s.sql.in(text), args, dest...)
}

// cancelUnsubscribed ends what waits for removed subscriptions: all of it, since nobody need call again for that. A
// large backlog must not keep the rest of Purge from ever being done, so that it stops after half of the call's time.
// What is left reads as cancelled all the while.
func (s *Store) cancelUnsubscribed(ctx context.Context, limit int) error {
	patience := s.cfg.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline))
	}
	until := time.Now().Add(patience / 2)
	for n := limit; n >= limit && time.Now().Before(until); {
		if err := s.step(ctx, `select {schema}.cancel_unsubscribed($1) from {durable}`, []any{limit}, &n); err != nil {
			return err
		}
	}
	return s.step(ctx, `select {schema}.purge_leftovers($1)::text from {durable}`, []any{limit}, new(string))
}

// trimHeld goes once over all subscriptions that are not active, or as far as limit reaches.
func (s *Store) trimHeld(ctx context.Context, r driver.PurgeRequest, limit int) (trimmed int, err error) {
	after := int64(0)
	for trimmed < limit {
		var last *int64
		var n int
		err := s.step(ctx, `select last, trimmed from {durable}, {schema}.trim_held($1, $2, $3, $4)`,
			[]any{after, max(r.HeldMax, 0), max(r.HeldAge, 0), limit - trimmed}, &last, &n)
		if err != nil {
			return trimmed, err
		}
		trimmed += n
		if last == nil {
			break
		}
		after = *last
	}
	return trimmed, nil
}
