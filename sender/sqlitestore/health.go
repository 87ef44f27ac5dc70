package sqlitestore

import (
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// patient is a subscription whose health a batch changes.
type patient struct {
	gone    bool
	deads   int
	failing int64
	changed bool
}

const (
	// Health that does not decode counts as none.
	sqlHealth   = `SELECT gone > 0, CAST(deads AS INTEGER), CAST(failing AS INTEGER) FROM kirimhooks_subscriptions WHERE sub = ?`
	sqlPatients = `
SELECT s.sub, s.gone > 0, CAST(s.deads AS INTEGER), CAST(s.failing AS INTEGER) FROM json_each(?) CROSS JOIN kirimhooks_subscriptions s INDEXED BY kirimhooks_subscriptions_ailing
WHERE s.sub = json_each.value AND (s.gone > 0 OR s.deads > 0)`
	sqlSaveHealth = `UPDATE kirimhooks_subscriptions SET deads = ?, failing = ? WHERE sub = ?`
)

func (tx *transaction) loadHealth(sub int64) (*patient, error) {
	p := &patient{gone: true} // as one whose row was purged
	_, err := tx.row(sqlHealth, []any{sub}, &p.gone, &p.deads, &p.failing)
	return p, err
}

// loadPatients loads the subscriptions of what a round applied. They are there as long as a delivery names them, so those that
// the query does not give are in good health.
func (b *settlement) loadPatients(r *round) error {
	var subs numbers
	for i := range r.results {
		res := &r.results[i]
		if sub := res.lane.sub; res.applied && b.patients[sub] == nil {
			b.patients[sub] = &patient{}
			subs.add(sub)
		}
	}
	if len(subs) == 0 {
		return nil
	}
	return b.tx.each(sqlPatients, []any{subs.text()}, func(scan scanner) error {
		var sub int64
		var p patient
		err := scan(&sub, &p.gone, &p.deads, &p.failing)
		b.patients[sub] = &p
		return err
	})
}

func (tx *transaction) saveHealth(sub int64, p *patient) error {
	if !p.changed {
		return nil
	}
	_, err := tx.exec(sqlSaveHealth, p.deads, p.failing, sub)
	return err
}

// judge counts an outcome. A success while there is nothing to forgive writes nothing.
func (p *patient) judge(h driver.HealthEvent, now int64) {
	switch {
	case h == driver.HealthSuccess && p.deads > 0:
		p.deads, p.changed = 0, true
	case h == driver.HealthDead:
		if p.deads == 0 {
			p.failing = now
		}
		p.deads, p.changed = p.deads+1, true
	}
}

func (p *patient) health(now int64) driver.Health {
	if p.deads == 0 {
		return driver.Health{}
	}
	return driver.Health{ConsecutiveDead: p.deads, FailingFor: max(0, time.Duration(now-p.failing))}
}
