package sqlitestore

import (
	"context"
	"slices"
)

const sqlNumber = `SELECT d.delivery`

// change lets write change what a filter selects, the newest first, until it has changed as many as are wanted. The filter
// reads outside any transaction, so that nobody waits while it walks a long log. write looks at each once more, and gives
// those that it changed.
func change[R any](
	ctx context.Context, s *Store, doing string, f *filter, want int, write func(tx *transaction, found []int64) ([]R, error),
) (all []R, err error) {
	for len(all) < want {
		var found []int64
		left := want - len(all)
		err := s.read(ctx, sqlNumber+f.clauses(), append(slices.Clone(f.args), left), func(scan scanner) error {
			var number int64
			err := scan(&number)
			found = append(found, number)
			return err
		})
		if err != nil || len(found) == 0 {
			return all, failed(doing, ctx, err)
		}
		var changed []R
		err = s.write(ctx, doing, func(tx *transaction) (err error) {
			changed, err = write(tx, found)
			return err
		})
		if err != nil {
			return all, err
		}
		if all = append(all, changed...); len(found) < left {
			break
		}
		f.add(`d.delivery < ?`, found[len(found)-1])
	}
	return all, nil
}

// listed is a list of numbers for json_each.
func listed(all []int64) string {
	var l numbers
	for _, n := range all {
		l.add(n)
	}
	return l.text()
}
