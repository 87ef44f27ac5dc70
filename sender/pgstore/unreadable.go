package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// unread is a delivery that was leased, and of which no claim can be made.
type unread struct {
	ref
	err error
}

// setAside ends them. What cannot be written down now is met again when its lease has run out: it is no reason to lose
// the claims beside it.
func (s *Store) setAside(ctx context.Context, ids *ids, token int64, list []unread) (told []driver.Unreadable) {
	if len(list) == 0 {
		return nil
	}
	errs := make(map[[2]int64]error, len(list))
	for _, u := range list {
		errs[[2]int64{u.slot, u.sub}] = u.err
	}
	_ = s.each(ctx, s.sql.aside, []any{places(list), token, driver.ReasonUnreadable}, func(row scanner) error {
		d := driver.Delivery{State: driver.StateDead, Reason: driver.ReasonUnreadable}
		var slot, sub int64
		var parent *int64
		var live bool
		var created *time.Time
		var subscription, event, kind *string
		if err := row.Scan(&slot, &sub, &d.Org, &d.Attempt, &live, &parent, &created, &d.FinishedAt, &subscription, &event, &kind); err != nil {
			return err
		}
		d.ID, d.Test, d.CreatedAt, d.FinishedAt = ids.encode(slot, sub), !live, instant(created), d.FinishedAt.UTC()
		d.SubscriptionID, d.EventID, d.EventType = text(subscription), text(event), text(kind)
		if parent != nil {
			d.ReplayedFrom = ids.encode(*parent, sub)
		}
		told = append(told, driver.Unreadable{Delivery: d, Err: errs[[2]int64{slot, sub}]})
		return nil
	})
	return told
}

// leave gives them back as if they had not been leased, for a Claim to find.
func (s *Store) leave(ctx context.Context, token int64, list []unread) {
	if len(list) > 0 {
		_ = s.each(ctx, s.sql.leave, []any{places(list), token}, func(scanner) error { return nil })
	}
}

func places(list []unread) []pgtype.TID {
	cids := make([]pgtype.TID, len(list))
	for i, u := range list {
		cids[i] = u.cid
	}
	return cids
}

// moment reads a time that the schema leaves free to be anything. Null is the zero time.
func moment(column string, t pgtype.Timestamptz) (time.Time, error) {
	if !t.Valid {
		return time.Time{}, nil
	}
	if y := t.Time.UTC().Year(); t.InfinityModifier != pgtype.Finite || y < 1 || y > 9999 {
		return time.Time{}, fmt.Errorf("%s is outside the years 1 to 9999: %w", column, driver.ErrUnreadable)
	}
	return t.Time.UTC(), nil
}

// texts reads an array that should have no NULL in it.
func texts(column string, list pgtype.FlatArray[pgtype.Text]) ([]string, error) {
	plain := make([]string, len(list))
	for i, t := range list {
		if !t.Valid {
			return nil, fmt.Errorf("%s has a NULL: %w", column, driver.ErrUnreadable)
		}
		plain[i] = t.String
	}
	return plain, nil
}
