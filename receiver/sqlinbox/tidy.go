package sqlinbox

import (
	"context"
	"database/sql"
	"time"
)

const (
	sqlOld    = `select seq from {t} where stage = @stage and due < {now} - @age order by due limit @limit {skip}`
	sqlDelete = `delete from {t} where stage + 0 >= 6 and seq in (@seqs)`
)

// tidy removes what is older than its retention, and frees what a clock that was set back would hold up, once a minute.
func (r *runner) tidy(ctx context.Context) {
	shortest := min(r.cfg.Retention, r.cfg.DeadRetention)
	every := min(time.Minute, max(shortest/4, 10*time.Millisecond))
	for sleep(ctx, jitter(every)) == nil {
		if err := r.unstrand(ctx); err != nil && ctx.Err() == nil {
			r.trouble(ctx, "unstrand", err)
		}
		for _, old := range []struct {
			state State
			age   time.Duration
		}{{Done, r.cfg.Retention}, {Cancelled, r.cfg.Retention}, {Dead, r.cfg.DeadRetention}} {
			if err := r.remove(ctx, ended(old.state, ""), old.age); err != nil && ctx.Err() == nil {
				r.trouble(ctx, "purge", err)
			}
		}
	}
}

func (r *runner) remove(ctx context.Context, stage int64, age time.Duration) error {
	for {
		var seqs []int64
		err := r.db.within(ctx, func(tx *sql.Tx) error {
			seqs = nil
			v := values{"stage": stage, "age": age.Microseconds(), "limit": batch}
			err := r.db.each(ctx, tx, sqlOld, v, func(scan scanner) error {
				var seq int64
				err := scan(&seq)
				seqs = append(seqs, seq)
				return err
			})
			if err != nil {
				return err
			}
			return r.change(ctx, tx, sqlDelete, values{"seqs": seqs})
		})
		if err != nil || len(seqs) < batch {
			return err
		}
	}
}
