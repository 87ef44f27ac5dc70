package pgstore

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"strconv"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// lease is a ClaimRequest as the statements take it. The zero value leases nothing.
type lease struct {
	token, micros int64
	limit, each   int32
	quota         string // JSON: {id: n}
}

func newLease(r *driver.ClaimRequest) lease {
	if r == nil {
		return lease{quota: "{}"}
	}
	l := lease{
		token: newToken(), micros: micros(r.Lease), limit: bounded(r.Limit), each: bounded(r.PerSubscription),
		quota: "{}",
	}
	if len(r.Quota) > 0 {
		quota := make(map[string]int32, len(r.Quota))
		for id, n := range r.Quota {
			if storable(id) { // no subscription has such an id
				quota[id] = bounded(n)
			}
		}
		b, _ := json.Marshal(quota) // never fails
		l.quota = string(b)
	}
	return l
}

// bounded keeps a count within what the statements can add up.
func bounded(n int) int32 { return int32(min(max(n, 0), 1<<20)) }

// testsAlone is the lease for what comes after the first statement of one call: quota and limit may be used up.
func (l lease) testsAlone() lease {
	l.limit = min(l.limit, 0)
	return l
}

// newToken makes a fence: random, so that no two calls share one and no sequence is read.
func newToken() int64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return int64(binary.BigEndian.Uint64(b[:])>>1) | 1
}

func tokenText(token int64) string { return strconv.FormatInt(token, 36) }

// parseToken is the inverse; false for what no lease has.
func parseToken(text string) (int64, bool) {
	token, err := strconv.ParseInt(text, 36, 64)
	return token, err == nil && token > 0
}
