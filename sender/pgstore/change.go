package pgstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// changed is an unfinished delivery that was found, and what came of it.
type changed struct {
	slot, sub   int64
	done, ended bool
}

// change runs a function of the schema on what q selects of the unfinished deliveries, page by page until as many are changed
// as are wanted, and calls each for those, newest first. A page is one statement: it selects, and hands the keys to the
// function, which looks at each once more. What was locked just then comes again, one by one.
func (s *Store) change(ctx context.Context, q *driver.DeliveryQuery, function string, more []string, each func(id string, ended bool)) error {
	ctx, cancel, ids, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	page := *q
	for left := limitOf(q); left > 0; {
		sel, err := s.newSelection(ctx, ids, &page)
		if err != nil || sel == nil {
			return err
		}
		asked := left
		found, err := s.changePage(ctx, sel, function, sel.unfinished(left, more...))
		if err != nil {
			return err
		}
		for i := range found {
			c := &found[i]
			if err := s.changeLocked(ctx, q.Org, function, c); err != nil {
				return err
			}
			page.After = ids.encode(c.slot, c.sub)
			if c.done {
				each(page.After, c.ended)
				left--
			}
		}
		if len(found) < asked {
			return nil
		}
	}
	return nil
}

// changePage changes what nobody else is at.
func (s *Store) changePage(ctx context.Context, sel *selection, function, unfinished string) (found []changed, err error) {
	// Of a materialized list the function gets all, and is called once. $1 is the org.
	text := `with x as materialized (` + unfinished + `)
		select x.slot, x.sub, f.slot is not null, coalesce(f.ended, false) from {durable}, x
		left join {schema}.` + function + `($1, array(select slot from x), array(select sub from x), false) f on f.slot = x.slot and f.sub = x.sub
		order by x.slot desc, x.sub desc`
	err = s.each(ctx, s.sql.in(text), sel.args, func(row scanner) error {
		var c changed
		err := row.Scan(&c.slot, &c.sub, &c.done, &c.ended)
		found = append(found, c)
		return err
	})
	return found, err
}

// changeLocked changes what a page had to leave out, if it is still fit for it.
func (s *Store) changeLocked(ctx context.Context, org, function string, c *changed) error {
	if c.done {
		return nil
	}
	text := s.sql.in(`select f.ended from {durable}, {schema}.` + function + `($1, array[$2::bigint], array[$3::bigint], true) f`)
	return s.each(ctx, text, []any{org, c.slot, c.sub}, func(row scanner) error {
		c.done = true
		return row.Scan(&c.ended)
	})
}

// RetryNow implements [driver.Log].
func (s *Store) RetryNow(ctx context.Context, q driver.DeliveryQuery) (list []string, err error) {
	defer wrap(&err, "retry now")
	err = s.change(ctx, &q, "retry_now", []string{"not d.ready", "d.due > now()"}, func(id string, _ bool) { list = append(list, id) })
	return list, err
}

// Cancel implements [driver.Log].
func (s *Store) Cancel(ctx context.Context, q driver.DeliveryQuery) (list []driver.Cancelled, err error) {
	defer wrap(&err, "cancel")
	err = s.change(ctx, &q, "cancel", []string{"not d.ending"}, func(id string, ended bool) {
		list = append(list, driver.Cancelled{ID: id, Ended: ended})
	})
	return list, err
}
