package sqlitestore

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// leaser leases deliveries to one caller, within its limit and quota. A nil one leases none.
type leaser struct {
	tx      *transaction
	request *driver.ClaimRequest
	until   int64 // end of the leases
	token   int64
	text    string        // token, as the claims have it
	free    int           // how many more the limit allows
	quota   map[int64]int // how many more the quota allows, by subscription
	claims  []driver.Claim
	aside   []driver.Unreadable
}

// newLeaser makes the token: at random, so that no two processes, nor one before and after a crash, need to agree on
// the next.
func (tx *transaction) newLeaser(r *driver.ClaimRequest) *leaser {
	token := 1 + rand.Int64N(math.MaxInt64)
	return &leaser{
		tx: tx, request: r, until: after(tx.now, r.Lease), token: token, text: strconv.FormatInt(token, 36),
		free: r.Limit, quota: map[int64]int{},
	}
}

// left is how many deliveries of a subscription may be leased now.
func (l *leaser) left(s *subscription) int {
	left, known := l.quota[s.number]
	if !known {
		var listed bool
		if left, listed = l.request.Quota[s.record.ID]; !listed {
			left = l.request.PerSubscription
		}
		l.quota[s.number] = left
	}
	return max(0, min(left, l.free))
}

func (l *leaser) spend(s *subscription, n int) {
	l.quota[s.number] -= n
	l.free -= n
}

// leasesNew reports whether a new delivery is leased at once, and takes it off the quota.
func (l *leaser) leasesNew(s *subscription, isTest bool) bool {
	if l == nil || s.err != nil || !isTest && (!s.isActive() || l.left(s) == 0) {
		return false
	}
	l.left(s) // so that the quota is known
	l.spend(s, 1)
	return true
}
