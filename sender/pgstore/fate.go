package pgstore

import "github.com/kirimhooks/kirimhooks/sender/driver"

// fate is what became of an outcome.
type fate int

const (
	tooLate   fate = iota // its token no longer holds the delivery
	applied               // as it says
	cancelled             // all of it but the state
)

// row reads an outcome that applied, or the health of a subscription.
func (st *settling) row(row scanner, became []fate) error {
	var ord, subscription int64
	var isCancelled bool
	var org *string
	var dead int
	var failing *int64
	if err := row.Scan(&ord, &isCancelled, &org, &subscription, &dead, &failing); err != nil {
		return err
	}
	switch {
	case ord == 0:
		st.health[owner{*org, subscription}] = newHealth(&dead, failing)
	case isCancelled:
		became[ord-1] = cancelled
	default:
		became[ord-1] = applied
	}
	return nil
}

func newHealth(dead *int, failing *int64) (h driver.Health) {
	if dead != nil {
		h.ConsecutiveDead = *dead
	}
	if failing != nil {
		h.FailingFor = fromMicros(max(*failing, 0)) // the clock may have gone back
	}
	return h
}
