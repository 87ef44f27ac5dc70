package pgstore

import (
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// deliveredOutcomes are those of a batch that succeeded, and of which nothing else is to be said, in columns.
type deliveredOutcomes struct {
	list                                  []entry
	place                                 []pgtype.TID
	number, subscription, token, duration []int64
	attempt, status                       []int32
	response                              [][]byte
	result                                []int16
}

// isPlain: a claim was made here, its attempt succeeded, and its subscription is healthy for it.
func isPlain(o *driver.Outcome, r ref) bool {
	return r.place.Valid && o.State == driver.StateDelivered && o.Health == driver.HealthSuccess && o.Reason == "" &&
		o.Attempt != nil && o.Attempt.ErrorClass == "" && !o.Attempt.Test
}

func (o *deliveredOutcomes) grow(n int) {
	longs, ints := make([]int64, 4*n), make([]int32, 2*n)
	o.number, o.subscription = longs[0:0:n], longs[n:n:2*n]
	o.token, o.duration = longs[2*n:2*n:3*n], longs[3*n:3*n]
	o.attempt, o.status = ints[0:0:n], ints[n:n]
	o.list, o.place = make([]entry, 0, n), make([]pgtype.TID, 0, n)
	o.response, o.result = make([][]byte, 0, n), make([]int16, 0, n)
}

func (o *deliveredOutcomes) add(e entry, a *driver.Attempt) {
	o.list, o.place = append(o.list, e), append(o.place, e.place)
	o.number, o.subscription = append(o.number, e.number), append(o.subscription, e.subscription)
	o.token, o.duration = append(o.token, e.token), append(o.duration, max(a.Duration, 0).Nanoseconds())
	o.attempt, o.status = append(o.attempt, int32(a.N)), append(o.status, int32(a.StatusCode))
	o.response, o.result = append(o.response, []byte(printable(a.Response))), append(o.result, bucket(a))
}

func (o *deliveredOutcomes) args() []any {
	return []any{
		o.place, o.number, o.subscription, o.token, o.attempt, o.duration, o.status, o.response, o.result,
	}
}
