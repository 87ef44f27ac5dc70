package pgstore

import "github.com/kirimhooks/kirimhooks/sender/driver"

// entry is an outcome of a batch: where it stands there, and the lease that it is for.
type entry struct {
	ref
	token int64
	at    int // index in the batch
}

// outcomes are those of a batch, in columns.
type outcomes struct {
	list                  []entry
	org, reason, class    []string
	number, subscription  []int64
	token, after          []int64
	state, health, bucket []int16
	attempt, status       []*int32 // attempt nil: no request was made
	duration              []*int64
	response              [][]byte
	test                  []*bool
}

func (o *outcomes) grow(n int) {
	texts, longs, shorts := make([]string, 3*n), make([]int64, 4*n), make([]int16, 3*n)
	o.org, o.reason, o.class = texts[0:0:n], texts[n:n:2*n], texts[2*n:2*n]
	o.number, o.subscription = longs[0:0:n], longs[n:n:2*n]
	o.token, o.after = longs[2*n:2*n:3*n], longs[3*n:3*n]
	o.state, o.health, o.bucket = shorts[0:0:n], shorts[n:n:2*n], shorts[2*n:2*n]
	o.attempt, o.status = make([]*int32, 0, n), make([]*int32, 0, n)
	o.duration, o.test = make([]*int64, 0, n), make([]*bool, 0, n)
	o.response, o.list = make([][]byte, 0, n), make([]entry, 0, n)
}

func (o *outcomes) add(e entry, x *driver.Outcome) {
	state, _ := stateNumber(x.State)
	o.list, o.org = append(o.list, e), append(o.org, x.Org)
	o.number, o.subscription = append(o.number, e.number), append(o.subscription, e.subscription)
	o.token, o.after = append(o.token, e.token), append(o.after, micros(x.After))
	o.state, o.health = append(o.state, state), append(o.health, int16(x.Health))
	o.reason = append(o.reason, printable(x.Reason))
	a := x.Attempt
	if a == nil {
		o.attempt, o.status = append(o.attempt, nil), append(o.status, nil)
		o.duration, o.test = append(o.duration, nil), append(o.test, nil)
		o.class, o.response, o.bucket = append(o.class, ""), append(o.response, nil), append(o.bucket, 0)
		return
	}
	v := &struct {
		attempt, status int32
		duration        int64
		test            bool
	}{int32(a.N), int32(a.StatusCode), max(a.Duration, 0).Nanoseconds(), a.Test}
	o.attempt, o.status = append(o.attempt, &v.attempt), append(o.status, &v.status)
	o.duration, o.test = append(o.duration, &v.duration), append(o.test, &v.test)
	o.class, o.response = append(o.class, printable(a.ErrorClass)), append(o.response, []byte(printable(a.Response)))
	o.bucket = append(o.bucket, bucket(a))
}

func bucket(a *driver.Attempt) int16 { return int16(driver.Minute{}.Bucket(a.Duration)) }

// args are those of settle.
func (o *outcomes) args() []any {
	return []any{
		o.org, o.number, o.subscription, o.token, o.state, o.after, o.reason, o.attempt, o.duration, o.status,
		o.response, o.class, o.test, o.health, o.bucket,
	}
}

// lateArgs are those of settle_late.
func (o *outcomes) lateArgs() []any {
	return []any{
		o.org, o.number, o.subscription, o.token, o.state, o.attempt, o.duration, o.status, o.class, o.response, o.test,
	}
}
