// Package limiter decides who may have how many deliveries in flight at once. Endpoints that hang shall not take the
// slots from those that answer.
//
// There are so many slots. A delivery takes one from when it is claimed until its attempt has ended. The deliveries of
// one endpoint form a lane, which widens as the endpoint answers and narrows as it does not, like TCP's slow start:
//
//	endpoint                       in flight at most
//	unproven: no answer yet        1
//	healthy: answered last time    one more after each success, up to a bound; half after a 429 or 503; 4 after idleness
//	failing: no answer last time   1, the probe
//
// Three rules hold over all lanes, since many endpoints may hang at once:
//
//   - Unproven endpoints have half of the slots at most. One that is silent for a second counts as failing, so that the
//     next can be tried.
//   - Failing ones have a quarter at most. Both together have three quarters.
//   - While less than a quarter is free, no lane gets more than an equal share.
//
// Besides, a lane may have a rate, kept by a token bucket that holds one second's worth.
//
// An attempt that has ended leaves an outcome to be written. Twice as many outcomes as there are slots stop everything
// until some are written: what cannot be written must not pile up.
//
// [Limiter.Reserve] says what a claim may bring, and [Limiter.Start] takes what it brought. [Limiter.Done] ends an
// attempt, and [Limiter.Written] its outcome. [Limiter.Why] says what keeps a lane waiting.
package limiter

import "sync"

// Item is a delivery, as far as a Limiter is concerned.
type Item interface {
	Lane() string  // the id of its lane
	Rate() float64 // of that lane, in attempts a second; 0: no limit
}

// Limiter counts what is in flight. Make one with [New]. Its methods may be called concurrently.
type Limiter[T Item] struct {
	mu    sync.Mutex
	slots int // in all
	free  int // neither reserved nor taken
	most  int // of one lane

	unwritten int  // outcomes of attempts that have ended
	starved   bool // the last Reserve got no slots

	lanes    map[string]*lane[T]
	watched  map[string]*lane[T] // those of lanes that have something in flight, to come, or to remember
	idle     map[string]struct{} // the others
	silenced map[string]struct{} // those watched for nothing but that they are failing

	unproven, failing int  // slots taken by lanes of that standing
	active            int  // lanes with something in flight
	leftOut           bool // the last Reserve left an unproven or a failing lane out, by a rule over all lanes
	healthyNext       bool // the next Reserve is for healthy lanes alone, if unproven ones cannot have all free slots

	quota map[string]int // of the last Reserve, to be used again
}

// New makes a Limiter of so many slots, of which one lane gets perLane at most.
func New[T Item](slots, perLane int) *Limiter[T] {
	return &Limiter[T]{
		slots: slots, free: slots, most: perLane,
		lanes: map[string]*lane[T]{}, watched: map[string]*lane[T]{},
		idle: map[string]struct{}{}, silenced: map[string]struct{}{},
		quota: map[string]int{},
	}
}

// Written tells that n outcomes are written, or given up. It reports whether a Reserve got nothing and may by now.
func (l *Limiter[T]) Written(n int) (waited bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unwritten -= n
	return l.starved
}

// HalfFree reports whether half of the slots are free.
func (l *Limiter[T]) HalfFree() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.halfFree()
}

func (l *Limiter[T]) halfFree() bool { return 2*l.free >= l.slots }

// Taken counts the slots that are taken or reserved, and the outcomes that are not written.
func (l *Limiter[T]) Taken() (slots, unwritten int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.slots - l.free, l.unwritten
}
