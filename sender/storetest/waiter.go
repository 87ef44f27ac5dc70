package storetest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func waiterCases() []func(*world) {
	return []func(*world){
		waitReturnsWhenWorkArrives,
		waitRemembersWhatCameBefore,
		waitEndsWithItsContext,
		waitWakesEverybody,
	}
}

// waiter returns the store's Waiter, or logs that it has none.
func (w *world) waiter() (driver.Waiter, bool) {
	w.Helper()
	waiter, ok := w.waits()
	if !ok {
		w.Logf("not run: the store is no driver.Waiter")
	}
	return waiter, ok
}

// arrivals are the ways in which work comes to be due without Claim's NextDue foreseeing it. The subscription and a
// dead delivery are there; each leaves things such that the next one works.
func (w *world) arrivals() []func() {
	w.Helper()
	old := w.dead()
	return []func(){
		func() { w.publish("evt_2", "x") },
		func() { w.repeat(old.ID) },
		func() {
			w.turn("a", driver.StatusPaused)
			w.publish("evt_3", "x")
			w.turn("a", driver.StatusActive)
		},
		func() { w.settle(outcome(w.take(1)[0], driver.StatePending, attempt(1, 500))) },
	}
}

// settledIn waits for a Wait to end.
func (w *world) settledIn(done <-chan error) error {
	w.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(10 * time.Second):
		require.FailNow(w, "Wait did not return")
		return nil
	}
}

func waitReturnsWhenWorkArrives(w *world) {
	waiter, ok := w.waiter()
	if !ok {
		return
	}
	for _, arrive := range w.arrivals() {
		w.quiet(waiter)
		done := make(chan error, 1)
		go func() { done <- waiter.Wait(w.ctx) }()
		time.Sleep(10 * time.Millisecond)
		arrive()
		require.NoError(w, w.settledIn(done))
	}
}

func waitRemembersWhatCameBefore(w *world) {
	waiter, ok := w.waiter()
	if !ok {
		return
	}
	for _, arrive := range w.arrivals() {
		w.quiet(waiter)
		arrive()
		done := make(chan error, 1)
		go func() { done <- waiter.Wait(w.ctx) }()
		require.NoError(w, w.settledIn(done), "work that came between Claim and Wait is slept over")
	}
}

// quiet waits until nothing is left that Wait remembers.
func (w *world) quiet(waiter driver.Waiter) {
	w.Helper()
	for range 100 {
		ctx, cancel := context.WithTimeout(w.ctx, 50*time.Millisecond)
		err := waiter.Wait(ctx)
		cancel()
		if err != nil {
			return
		}
	}
	require.FailNow(w, "Wait returns again and again though nothing happens")
}

func waitEndsWithItsContext(w *world) {
	waiter, ok := w.waiter()
	if !ok {
		return
	}
	w.quiet(waiter)
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- waiter.Wait(ctx) }()
	time.Sleep(10 * time.Millisecond)
	cancel()
	require.ErrorIs(w, w.settledIn(done), context.Canceled)
	require.ErrorIs(w, waiter.Wait(ctx), context.Canceled)
}

func waitWakesEverybody(w *world) {
	waiter, ok := w.waiter()
	if !ok {
		return
	}
	w.subscribe("a", "x")
	w.quiet(waiter)
	const n = 4
	done := make(chan error, n)
	for range n {
		go func() { done <- waiter.Wait(w.ctx) }()
	}
	time.Sleep(10 * time.Millisecond)
	w.publish("evt_1", "x")
	for range n {
		require.NoError(w, w.settledIn(done))
	}
}
