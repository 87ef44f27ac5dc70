package sender

import (
	"context"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// alarm wakes the claim loop, the only one that sleeps on it; anybody may ring it. It has its own fields and lock, and
// touches nothing else.
type alarm struct {
	rung     chan struct{} // something may be due
	halfFree chan struct{} // half of the slots are free
	sooner   chan struct{} // next is sooner than it was

	mu   sync.Mutex
	next time.Time // when the claim loop asks again at the latest; zero: it has not said yet
}

func newAlarm() *alarm {
	return &alarm{rung: make(chan struct{}, 1), halfFree: make(chan struct{}, 1), sooner: make(chan struct{}, 1)}
}

// ring makes the claim loop ask at once.
func (a *alarm) ring() { signal(a.rung) }

// within makes the claim loop ask in d at the latest.
func (a *alarm) within(d time.Duration) {
	if a.bringForward(d) {
		signal(a.sooner)
	}
}

func (a *alarm) bringForward(d time.Duration) bool {
	at := time.Now().Add(d)
	a.mu.Lock()
	defer a.mu.Unlock()
	sooner := a.next.IsZero() || at.Before(a.next)
	if sooner {
		a.next = at
	}
	return sooner
}

// signal leaves a mark on a channel of capacity 1.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// reset drops what within has said before a claim, which finds all that is due. What it says from then on counts, lest
// it is missed between the claim and the sleep.
func (a *alarm) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = time.Time{}
}

// sleep waits until the alarm rings, at most d, or less if within says so.
func (a *alarm) sleep(ctx context.Context, d time.Duration) {
	a.bringForward(d)
	for {
		a.mu.Lock()
		left := time.Until(a.next)
		a.mu.Unlock()
		if left <= 0 {
			return
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-a.rung:
			timer.Stop()
			return
		case <-a.sooner:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// listen rings the alarm when the store's own wake-ups come. They only speed things up: polling is the truth.
func (s *Sender) listen(ctx context.Context, w driver.Waiter, a *alarm) {
	trouble := newBackOff()
	for ctx.Err() == nil {
		switch err := w.Wait(ctx); {
		case err == nil:
			s.storeWorked(ctx, "wait")
			trouble.Reset()
			a.ring()
		case ctx.Err() == nil:
			s.storeFailed(ctx, "wait", err)
			pause(ctx, trouble.NextBackOff())
		}
	}
}

// wake tells this process's Run that there is work.
func (s *Sender) wake() {
	if r := s.runner.Load(); r != nil {
		r.alarm.ring()
	}
}
