package sqlitestore

import (
	"slices"
	"strings"
)

// rowsAtOnce is how many rows one look-up finds.
const rowsAtOnce = 16

// lookup is a statement that finds rows by number, from one that finds one. With statistics from a time when the table
// was all but empty, the planner would serve a list of numbers by walking the table.
func lookup(one string) string { return strings.Repeat(one+` UNION ALL `, rowsAtOnce-1) + one }

// find calls f for every row that a look-up finds.
func (tx *transaction) find(lookup string, numbers []int64, f func(scanner) error) error {
	for some := range slices.Chunk(numbers, rowsAtOnce) {
		args := slices.Repeat([]any{0}, rowsAtOnce) // 0 is none
		for i, number := range some {
			args[i] = number
		}
		if err := tx.each(lookup, args, f); err != nil {
			return err
		}
	}
	return nil
}
