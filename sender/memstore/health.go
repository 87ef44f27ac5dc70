package memstore

import (
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// judge counts an outcome for the subscription's health.
func (u *subscription) judge(h sender.HealthEvent, now time.Time) {
	switch h {
	case sender.HealthSuccess:
		u.consecutiveDead = 0
	case sender.HealthDead:
		if u.consecutiveDead == 0 {
			u.failingSince = now
		}
		u.consecutiveDead++
	}
}

func (u *subscription) health(now time.Time) sender.Health {
	if u.consecutiveDead == 0 {
		return sender.Health{}
	}
	return sender.Health{ConsecutiveDead: u.consecutiveDead, FailingFor: now.Sub(u.failingSince)}
}
