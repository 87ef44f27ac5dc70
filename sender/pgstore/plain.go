package pgstore

import (
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// plainOutcomes are the columns of deliveries that succeeded, and of which nothing else is to be said.
type plainOutcomes struct {
	cid                   []pgtype.TID
	slot, sub, token, dur []int64
	n, http               []int32
	response              [][]byte
	what                  []int16
	at                    []int // index in the caller's batch
}

// isPlain: a claim was made here, its attempt succeeded, and its subscription is healthy for it.
func isPlain(o *driver.Outcome, k ref) bool {
	return k.cid.Valid && o.State == driver.StateDelivered && o.Health == driver.HealthSuccess && o.Reason == "" &&
		o.Attempt != nil && o.Attempt.ErrorClass == "" && !o.Attempt.Test
}

func (o *plainOutcomes) grow(n int) {
	longs, ints := make([]int64, 4*n), make([]int32, 2*n)
	o.slot, o.sub, o.token, o.dur = longs[0:0:n], longs[n:n:2*n], longs[2*n:2*n:3*n], longs[3*n:3*n]
	o.n, o.http = ints[0:0:n], ints[n:n]
	o.cid, o.response, o.what, o.at = make([]pgtype.TID, 0, n), make([][]byte, 0, n), make([]int16, 0, n), make([]int, 0, n)
}

func (o *plainOutcomes) add(i int, x *driver.Outcome, k ref, token int64) {
	a := x.Attempt
	o.at, o.cid, o.slot, o.sub, o.token = append(o.at, i), append(o.cid, k.cid), append(o.slot, k.slot), append(o.sub, k.sub), append(o.token, token)
	o.n, o.http, o.dur = append(o.n, int32(a.N)), append(o.http, int32(a.StatusCode)), append(o.dur, max(a.Duration, 0).Nanoseconds())
	o.response, o.what = append(o.response, []byte(printable(a.Response))), append(o.what, int16(driver.Minute{}.Bucket(a.Duration)))
}

func (o *plainOutcomes) args() []any {
	return []any{o.cid, o.slot, o.sub, o.token, o.n, o.dur, o.http, o.response, o.what}
}

func (o *plainOutcomes) ref(j int) ref { return ref{slot: o.slot[j], sub: o.sub[j]} }
