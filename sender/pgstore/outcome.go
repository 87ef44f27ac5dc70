package pgstore

import "github.com/kirimhooks/kirimhooks/sender/driver"

// stateNames are the states as the log numbers them.
var stateNames = [...]driver.State{driver.StatePending, driver.StateDelivered, driver.StateDead, driver.StateCancelled}

func stateNumber(name driver.State) (int16, bool) {
	for i, n := range stateNames {
		if n == name {
			return int16(i), true
		}
	}
	return 0, false
}

// outcomes are the columns of a batch.
type outcomes struct {
	org, reason, class      []string
	slot, sub, token, after []int64
	state, health, bucket   []int16
	n, http                 []*int32 // n nil: no request was made
	dur                     []*int64
	response                [][]byte
	test                    []*bool
	at                      []int // index in the caller's batch
}

func (o *outcomes) grow(n int) {
	texts, longs, shorts := make([]string, 3*n), make([]int64, 4*n), make([]int16, 3*n)
	o.org, o.reason, o.class = texts[0:0:n], texts[n:n:2*n], texts[2*n:2*n]
	o.slot, o.sub, o.token, o.after = longs[0:0:n], longs[n:n:2*n], longs[2*n:2*n:3*n], longs[3*n:3*n]
	o.state, o.health, o.bucket = shorts[0:0:n], shorts[n:n:2*n], shorts[2*n:2*n]
	o.n, o.http, o.dur, o.test = make([]*int32, 0, n), make([]*int32, 0, n), make([]*int64, 0, n), make([]*bool, 0, n)
	o.response, o.at = make([][]byte, 0, n), make([]int, 0, n)
}

func (o *outcomes) add(i int, x *driver.Outcome, k ref, token int64) {
	state, _ := stateNumber(x.State)
	o.at, o.org, o.slot, o.sub, o.token = append(o.at, i), append(o.org, x.Org), append(o.slot, k.slot), append(o.sub, k.sub), append(o.token, token)
	o.state, o.after, o.reason = append(o.state, state), append(o.after, micros(x.After)), append(o.reason, printable(x.Reason))
	o.health = append(o.health, int16(x.Health))
	a := x.Attempt
	if a == nil {
		o.n, o.http, o.dur, o.test = append(o.n, nil), append(o.http, nil), append(o.dur, nil), append(o.test, nil)
		o.class, o.response, o.bucket = append(o.class, ""), append(o.response, nil), append(o.bucket, 0)
		return
	}
	v := &struct {
		n, http int32
		dur     int64
		test    bool
	}{int32(a.N), int32(a.StatusCode), max(a.Duration, 0).Nanoseconds(), a.Test}
	o.n, o.http, o.dur, o.test = append(o.n, &v.n), append(o.http, &v.http), append(o.dur, &v.dur), append(o.test, &v.test)
	o.class, o.response, o.bucket = append(o.class, printable(a.ErrorClass)), append(o.response, []byte(printable(a.Response))), append(o.bucket, int16(driver.Minute{}.Bucket(a.Duration)))
}

func (o *outcomes) args() []any {
	return []any{o.org, o.slot, o.sub, o.token, o.state, o.after, o.reason, o.n, o.dur, o.http, o.class, o.response, o.test, o.health, o.bucket}
}
