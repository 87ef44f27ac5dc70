package sqlitestore

import (
	"context"
	"database/sql"
)

// scanner is [sql.Rows.Scan] of the current row.
type scanner func(dest ...any) error

// read calls f for every row of a query outside any transaction. Cancelling ctx interrupts it.
func (s *Store) read(ctx context.Context, text string, args []any, f func(scanner) error) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	if err := s.file.check(false); err != nil {
		return err
	}
	var rows *sql.Rows
	err := s.untilFree(ctx, func() (err error) { rows, err = s.reader.QueryContext(ctx, text, args...); return err })
	return scanAll(rows, err, f)
}

// numbers gives the first column of every row.
func (s *Store) numbers(ctx context.Context, text string, args ...any) (list []int64, err error) {
	err = s.read(ctx, text, args, collect(&list))
	return list, err
}

func collect(list *[]int64) func(scanner) error {
	return func(scan scanner) error {
		var n int64
		err := scan(&n)
		*list = append(*list, n)
		return err
	}
}

func scanAll(rows *sql.Rows, err error, f func(scanner) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
