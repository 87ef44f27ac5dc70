package sqlinbox

import (
	"context"
	"fmt"
)

// Counts is how many events are in each state.
type Counts struct {
	Waiting, Running, Done, Dead, Cancelled int
}

const sqlCounts = `select stage, case when stage = 2 and token is not null and due > {now} then 1 else 0 end as running,
	count(*) from {t} group by 1, 2`

// Counts reads the whole table: ask now and then, not per event.
func (b *Inbox) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := b.check(ctx)
	if err == nil {
		err = b.db.each(ctx, nil, sqlCounts, nil, func(scan scanner) error {
			var stage, running int64
			var n int
			if err := scan(&stage, &running, &n); err != nil {
				return err
			}
			*map[State]*int{
				Waiting: &c.Waiting, Running: &c.Running, Done: &c.Done, Dead: &c.Dead, Cancelled: &c.Cancelled,
			}[stateOf(stage, running == 1)] += n
			return nil
		})
	}
	if err != nil {
		return Counts{}, fmt.Errorf("sqlinbox: counts: %w", bare(err))
	}
	return c, nil
}
