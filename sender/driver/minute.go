package driver

import "time"

// Minute is one minute of a subscription, or of an org.
type Minute struct {
	At                time.Time
	Delivered, Failed int     // attempts that succeeded; that did not
	Durations         [12]int // attempts by Bucket
}

// Bucket gives the index of d in Durations. Bucket 0 holds up to 5 ms, each next one up to twice as much, the last all
// that is longer than 5.12 s.
func (m Minute) Bucket(d time.Duration) int {
	bound := 5 * time.Millisecond
	for i := range len(m.Durations) - 1 {
		if d <= bound {
			return i
		}
		bound *= 2
	}
	return len(m.Durations) - 1
}
