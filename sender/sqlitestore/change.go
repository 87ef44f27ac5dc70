package sqlitestore

import (
	"context"
	"slices"
)

const (
	sqlNumber = `SELECT d.delivery`

	// sqlNotDeleted is a condition on the subscription of a delivery.
	sqlNotDeleted = sqlDeletedAt + ` = 0`
)

// changeEach lets write change what a filter selects, the newest first, until as many are changed as are wanted. The
// filter reads outside any transaction, so that nobody waits while it walks a long log. write looks at each once more,
// and gives what became of those that it changed.
func changeEach[R any](
	ctx context.Context, s *Store, doing string, f *filter, want int,
	write func(tx *transaction, number int64) (result R, changed bool, err error),
) (all []R, err error) {
	for len(all) < want {
		left := want - len(all)
		found, err := s.numbers(ctx, sqlNumber+f.clauses(), append(slices.Clone(f.args), left)...)
		if err != nil || len(found) == 0 {
			return all, failed(doing, ctx, err)
		}
		var some []R
		err = s.write(ctx, doing, func(tx *transaction) error {
			some = nil
			for _, number := range found {
				r, changed, err := write(tx, number)
				if err != nil {
					return err
				}
				if changed {
					some = append(some, r)
				}
			}
			return nil
		})
		if err != nil {
			return all, err
		}
		if all = append(all, some...); len(found) < left {
			break
		}
		f.add(`d.delivery < ?`, found[len(found)-1])
	}
	return all, nil
}
