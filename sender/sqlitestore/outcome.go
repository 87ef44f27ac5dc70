package sqlitestore

import "github.com/kirimhooks/kirimhooks/sender/driver"

const (
	// A delivery that was cancelled in flight is in phase 4: only "delivered" still applies to it.
	sqlSettle = `
UPDATE kirimhooks_deliveries
SET phase = ?, due_at = ?, state = ?, reason = ?, attempt = max(attempt, ?), leases = 0
WHERE delivery = ? AND org = ? AND token = ? AND leases > 0 AND (phase < 4 OR ?3 = 'delivered')`

	sqlEndCancelled = `
UPDATE kirimhooks_deliveries SET phase = 0, due_at = ?, state = 'cancelled', attempt = max(attempt, ?), leases = 0
WHERE delivery = ? AND org = ? AND token = ? AND phase = 4`

	sqlLastOutcome = `SELECT token, state, reason FROM kirimhooks_deliveries WHERE delivery = ? AND org = ?`
)

// settle applies an outcome if its token holds the delivery.
func (b *settlement) settle(o *settling) (driver.Settled, error) {
	phase, at, state, reason := phaseFinished, b.tx.now, o.State, legible(o.Reason)
	switch {
	case state != driver.StatePending:
	case o.health.deleted: // there is nobody to try again
		state, reason = driver.StateCancelled, driver.ReasonUnsubscribed
	case o.After > 0:
		phase, at = phaseWaiting, after(b.tx.now, o.After)
	default:
		phase = phaseReady
	}
	n := 0
	if a := o.Attempt; a != nil && a.ErrorClass != driver.ClassUnknown {
		n = a.N
	}
	applied, err := b.tx.change(sqlSettle, phase, at, string(state), reason, n, o.number, o.Org, o.token)
	cancelled := false
	if err == nil && !applied && state != driver.StateDelivered {
		applied, err = b.tx.change(sqlEndCancelled, b.tx.now, n, o.number, o.Org, o.token)
		cancelled, phase = applied, phaseFinished
	}
	if err != nil {
		return driver.Settled{}, err
	}
	if !applied {
		return b.stale(o, state)
	}
	return driver.Settled{Applied: true, Cancelled: cancelled}, b.follow(o, phase, at)
}

// follow does what an outcome that applied brings with it.
func (b *settlement) follow(o *settling, phase int, at int64) error {
	o.health.count(o.Health, b.tx.now)
	switch phase {
	case phaseWaiting:
		b.next = min(b.next, at)
	case phaseReady:
		b.released = true
		if err := b.tx.openLane(o.lane); err != nil {
			return err
		}
	}
	if o.Attempt == nil {
		return nil
	}
	b.minutes.add(o.lane.subscription, b.tx.now, o.State == driver.StateDelivered, o.Attempt.Duration)
	return b.tx.logAttempt(o.number, o.Attempt, o.token)
}

// stale deals with an outcome whose token does not hold the delivery: it has been applied, or comes too late.
func (b *settlement) stale(o *settling, as driver.State) (driver.Settled, error) {
	var last int64
	var state, reason string
	known, err := b.tx.row(sqlLastOutcome, []any{o.number, o.Org}, &last, &state, &reason)
	if !known || err != nil {
		o.health = nil
		return driver.Settled{}, err
	}
	cancelled := as != driver.StateDelivered && state == string(driver.StateCancelled) && reason == driver.ReasonCancelled
	if last == o.token && (cancelled || state == string(as)) {
		return driver.Settled{Applied: true, Cancelled: cancelled}, nil
	}
	if o.Attempt == nil {
		return driver.Settled{}, nil
	}
	return driver.Settled{}, b.tx.logStale(o.number, o.Attempt, o.token)
}

// The column phase, where it is not written out in SQL.
const (
	phaseFinished = 0
	phaseReady    = 1
	phaseWaiting  = 2
	phaseInFlight = 3
)
