package pgstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// changed is an unfinished delivery that was found, and what came of it.
type changed struct {
	key
	done, ended bool
}

// change is a function of the schema that does something to unfinished deliveries.
type change struct {
	function string
	only     []string // conditions on what it is meant for
}

// run runs it on what q selects, page by page until as many are changed as are wanted, and calls each for those, newest
// first. A page is one statement: it selects, and hands the keys to the function, which looks at each once more. What
// was locked just then comes again, one by one.
func (c change) run(ctx context.Context, s *Store, q *driver.DeliveryQuery, each func(id string, ended bool)) error {
	ctx, cancel, ids, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	page := *q
	for left := pageOf(q.Limit); left > 0; {
		sel, err := s.newSelection(ctx, ids, &page)
		if err != nil || sel == nil {
			return err
		}
		asked := left
		found, err := c.page(ctx, s, sel, left)
		if err != nil {
			return err
		}
		for i := range found {
			f := &found[i]
			if err := c.locked(ctx, s, q.Org, f); err != nil {
				return err
			}
			page.After = ids.encode(f.key)
			if f.done {
				each(page.After, f.ended)
				left--
			}
		}
		if len(found) < asked {
			return nil
		}
	}
	return nil
}

// page changes what nobody else is at.
func (c change) page(ctx context.Context, s *Store, sel *selection, limit int) (found []changed, err error) {
	// Of a materialized list the function gets all, and is called once. $1 is the org.
	text := `with x as materialized (` + sel.unfinished(limit, c.only...) + `)
		select x.number, x.subscription, f.number is not null, coalesce(f.ended, false) from {durable}, x
		left join {schema}.` + c.function + `(
				$1, array(select number from x), array(select subscription from x), false) f
			on f.number = x.number and f.subscription = x.subscription
		order by x.number desc, x.subscription desc`
	err = s.each(ctx, s.sql.in(text), sel.args, func(row scanner) error {
		var f changed
		err := row.Scan(&f.number, &f.subscription, &f.done, &f.ended)
		found = append(found, f)
		return err
	})
	return found, err
}

// locked changes what a page had to leave out, if it is still fit for it.
func (c change) locked(ctx context.Context, s *Store, org string, f *changed) error {
	if f.done {
		return nil
	}
	text := s.sql.in(`select f.ended
		from {durable}, {schema}.` + c.function + `($1, array[$2::bigint], array[$3::bigint], true) f`)
	return s.each(ctx, text, []any{org, f.number, f.subscription}, func(row scanner) error {
		f.done = true
		return row.Scan(&f.ended)
	})
}

// RetryNow implements [driver.Log].
func (s *Store) RetryNow(ctx context.Context, q driver.DeliveryQuery) (list []string, err error) {
	defer wrap(&err, "retry now")
	c := change{"retry_now", []string{"not d.ready", "d.due_at > now()"}}
	err = c.run(ctx, s, &q, func(id string, _ bool) { list = append(list, id) })
	return list, err
}

// Cancel implements [driver.Log].
func (s *Store) Cancel(ctx context.Context, q driver.DeliveryQuery) (list []driver.Cancelled, err error) {
	defer wrap(&err, "cancel")
	c := change{"cancel", []string{"not d.cancelling"}}
	err = c.run(ctx, s, &q, func(id string, ended bool) {
		list = append(list, driver.Cancelled{ID: id, Ended: ended})
	})
	return list, err
}
