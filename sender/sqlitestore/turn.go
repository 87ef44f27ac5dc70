package sqlitestore

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// turn is one call that leases deliveries. A nil turn leases none.
type turn struct {
	tx      *transaction
	request *driver.ClaimRequest
	until   int64 // end of the leases
	token   int64
	text    string        // token, as the claims have it
	free    int           // how many more the limit allows
	left    map[int64]int // how many more the quota allows, by subscription
	claims  []driver.Claim
	origins []origin // of the claims' events
	aside   []driver.Unreadable
	ahead   outlook
}

// newTurn makes the token: at random, so that no two processes, nor one before and after a crash, need to agree on the next.
func (tx *transaction) newTurn(r *driver.ClaimRequest) *turn {
	if r == nil {
		return nil
	}
	t := &turn{
		tx: tx, request: r, until: after(tx.now, r.Lease), token: 1 + rand.Int64N(math.MaxInt64),
		free: r.Limit, left: map[int64]int{},
	}
	t.text = strconv.FormatInt(t.token, 36)
	return t
}

// room is how many deliveries of a subscription the turn may take now.
func (t *turn) room(sub int64, record *driver.SubscriptionRecord) int {
	left, known := t.left[sub]
	if !known {
		var listed bool
		if left, listed = t.request.Quota[record.ID]; !listed {
			left = t.request.PerSubscription
		}
		t.left[sub] = left
	}
	return max(0, min(left, t.free))
}

// bears reports whether a new delivery is leased at once, and takes it off the quota.
func (t *turn) bears(m match, test bool) bool {
	if t == nil || m.broken || !test && (!m.active() || t.room(m.sub, m.record) == 0) {
		return false
	}
	t.took(m.sub, 1)
	return true
}

func (t *turn) took(sub int64, n int) {
	t.left[sub] -= n
	t.free -= n
}
