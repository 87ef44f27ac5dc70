package driver

import "time"

// HealthEvent says how an outcome counts for its subscription.
type HealthEvent int

// How an outcome counts.
const (
	HealthUnchanged HealthEvent = iota // retry, release, test, replay
	HealthSuccess                      // zeroes
	HealthDead                         // ConsecutiveDead + 1
)

// Health is what a contract judges a subscription by.
type Health struct {
	ConsecutiveDead int
	FailingFor      time.Duration // since the first dead of the row, by the store's clock
}
