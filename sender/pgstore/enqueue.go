package pgstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Enqueue implements [driver.Enqueuer]. A batch of more than 1,000 events or 16 MiB is stored in several transactions,
// of which the first alone leases.
func (s *Store) Enqueue(ctx context.Context, pubs []driver.Publication, claim *driver.ClaimRequest) (
	results []driver.Enqueued, claims []driver.Claim, err error,
) {
	defer wrap(&err, "enqueue")
	defer blame(ctx, &err)
	begin := s.begin
	if claim != nil {
		begin = s.patient
	}
	ctx, cancel, ids, err := begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer cancel()
	l := newLease(claim)
	e := enqueuing{
		sql: &s.sql, text: s.sql.enqueue, conn: s, events: &s.events,
		pubs: pubs, results: make([]driver.Enqueued, len(pubs)),
	}
	if err := e.run(ctx, l); err != nil {
		return nil, nil, err
	}
	claims, unread, err := s.complete(ctx, ids, l.token, e.leased)
	if err != nil {
		return nil, nil, err
	}
	s.release(ctx, l.token, unread)
	return e.results, claims, nil
}
