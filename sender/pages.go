package sender

import "iter"

// pages calls change for one page of q after the other, until one gives less than was asked for. id names what to go on
// after, as people see it. An error ends the sequence.
func pages[R any](q DeliveryQuery, change func(DeliveryQuery) ([]R, error), id func(R) string) iter.Seq2[R, error] {
	const page = 500
	return func(yield func(R, error) bool) {
		q, most := q, q.Limit
		for n := 0; most == 0 || n < most; {
			q.Limit = page
			if most > 0 {
				q.Limit = min(page, most-n)
			}
			list, err := change(q)
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			for _, r := range list {
				q.After = stored(id(r))
				n++
				if !yield(r, nil) {
					return
				}
			}
			if len(list) < q.Limit {
				return
			}
		}
	}
}
