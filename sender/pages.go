package sender

import "iter"

// pages yields what list gives, one page of at most size after the other, until one is shorter than was asked for, or
// limit is reached; 0 is no limit. cursor names what the next page goes on after. An error ends the sequence.
func pages[R any](
	size, limit int, after string, list func(after string, limit int) ([]R, error), cursor func(R) string,
) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		after := after
		for n := 0; limit == 0 || n < limit; {
			most := size
			if limit > 0 {
				most = min(size, limit-n)
			}
			page, err := list(after, most)
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				after = cursor(r)
			}
			if n += len(page); len(page) < most {
				return
			}
		}
	}
}

// How many rows one call of the store gives, or changes.
const (
	listPage   = 100
	changePage = 500
)

// changes is pages of deliveries that change picks by q, and whose ids people see.
func changes[R any](
	q DeliveryQuery, change func(DeliveryQuery) ([]R, error), id func(R) string,
) iter.Seq2[R, error] {
	return pages(changePage, q.Limit, q.After, func(after string, limit int) ([]R, error) {
		q := q
		q.After, q.Limit = after, limit
		return change(q)
	}, func(r R) string { return stored(id(r)) })
}
