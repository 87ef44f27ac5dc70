package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// unread is a delivery that was leased, and of which no claim can be made.
type unread struct {
	ref
	err error
}

// endUnreadable ends them. What cannot be written down now is met again when its lease has run out: it is no reason to
// lose the claims beside it.
func (s *Store) endUnreadable(ctx context.Context, ids *ids, token int64, list []unread) (told []driver.Unreadable) {
	if len(list) == 0 {
		return nil
	}
	errs := make(map[key]error, len(list))
	for _, u := range list {
		errs[u.key] = u.err
	}
	args := []any{places(list), token, driver.ReasonUnreadable}
	_ = s.each(ctx, s.sql.endUnreadable, args, func(row scanner) error {
		d := driver.Delivery{State: driver.StateDead, Reason: driver.ReasonUnreadable}
		var k key
		var from *int64
		var created *time.Time
		var subscription, event, kind *string
		if err := row.Scan(&k.number, &k.subscription, &d.Org, &d.Attempt, &d.Test, &from, &created, &d.FinishedAt,
			&subscription, &event, &kind); err != nil {
			return err
		}
		d.ID, d.ReplayedFrom = ids.encode(k), ids.sibling(from, k)
		d.CreatedAt, d.FinishedAt = instant(created), d.FinishedAt.UTC()
		d.SubscriptionID, d.EventID, d.EventType = text(subscription), text(event), text(kind)
		told = append(told, driver.Unreadable{Delivery: d, Err: errs[k]})
		return nil
	})
	return told
}

// release gives them back as if they had not been leased, for a Claim to find.
func (s *Store) release(ctx context.Context, token int64, list []unread) {
	if len(list) > 0 {
		_ = s.each(ctx, s.sql.release, []any{places(list), token}, func(scanner) error { return nil })
	}
}

func places(list []unread) []pgtype.TID {
	places := make([]pgtype.TID, len(list))
	for i, u := range list {
		places[i] = u.place
	}
	return places
}
