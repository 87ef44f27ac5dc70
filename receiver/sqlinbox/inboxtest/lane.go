package inboxtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// keyed are quick settings with lanes.
func (r *rig) keyed() sqlinbox.Config {
	cfg := r.quick()
	cfg.Key = byPrefix
	return cfg
}

func numbered(lane string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s.%03d", lane, i)
	}
	return ids
}

// oneLaneOneAtATime has two processes and events that arrive while others run.
func oneLaneOneAtATime(r *rig) {
	ran := journal{answer: func(context.Context, *receiver.Event, int) error {
		time.Sleep(2 * time.Millisecond) // in which another of the lane would run
		return nil
	}}
	first, second := r.start(ran.handle, r.keyed()), r.start(ran.handle, r.keyed())
	lanes := []string{"a", "b", "c", "d"}
	const n = 25
	var all sync.WaitGroup
	errs := make(chan error, len(lanes)*n)
	for _, lane := range lanes {
		all.Go(func() {
			for i, id := range numbered(lane, n) {
				b := first
				if i%2 == 1 {
					b = second
				}
				errs <- b.HandleEvent(r.ctx, event(id))
			}
		})
	}
	all.Wait()
	for range len(lanes) * n {
		require.NoError(r, <-errs)
	}
	r.until("all are done", func() bool { return r.counts(first).Done == len(lanes)*n })
	require.False(r, ran.overlapped(), "two of one lane ran at once")
	for _, lane := range lanes {
		require.Equal(r, numbered(lane, n), ran.lane(lane))
	}
}

// lanesRunSideBySide has a lane whose handler takes until all others have run.
func lanesRunSideBySide(r *rig) {
	others := make(chan struct{})
	ran := journal{answer: func(ctx context.Context, ev *receiver.Event, _ int) error {
		if byPrefix(ev) == "slow" {
			select {
			case <-others:
			case <-ctx.Done():
			}
		}
		return nil
	}}
	cfg := r.keyed()
	cfg.Workers = 2
	b := r.open(ran.handle, cfg)
	r.send(b, numbered("slow", 50)...)
	r.send(b, "a.1", "b.1", "c.1", "none")
	r.run(b)
	r.until("the others run", func() bool { return r.counts(b).Done == 4 })
	require.Len(r, ran.lane("slow"), 1)
	close(others)
	r.until("all run", func() bool { return r.counts(b).Done == 54 })
	require.Equal(r, numbered("slow", 50), ran.lane("slow"))
}

func equalArrivalGoesByTheEventsTime(r *rig) {
	var ran journal
	b := r.open(ran.handle, r.keyed())
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, id := range []string{"a.3", "a.1", "a.2"} {
		ev := event(id)
		ev.CreatedAt = start.Add(time.Duration((i+2)%3) * time.Second)
		require.NoError(r, b.HandleEvent(r.ctx, ev))
	}
	r.exec(`update {t} set arrived = 1, due = 1`)
	r.run(b)
	r.until("all run", func() bool { return r.counts(b).Done == 3 })
	require.Equal(r, []string{"a.1", "a.2", "a.3"}, ran.all())
}

func failingHeadHoldsItsLane(r *rig) {
	ran := journal{answer: func(_ context.Context, ev *receiver.Event, _ int) error {
		if ev.ID == "a.1" {
			return errors.New("no")
		}
		return nil
	}}
	cfg := r.keyed()
	cfg.Waits = []time.Duration{50 * time.Millisecond, 50 * time.Millisecond}
	b := r.open(ran.handle, cfg)
	r.send(b, "a.1", "a.2", "a.3")
	r.run(b)
	r.until("the lane goes on", func() bool { return r.counts(b) == sqlinbox.Counts{Done: 2, Dead: 1} })
	require.Equal(r, []string{"a.1", "a.1", "a.1", "a.2", "a.3"}, ran.all())
}

func skipAfterEndsTheWait(r *rig) {
	ran := journal{answer: func(_ context.Context, ev *receiver.Event, _ int) error {
		if ev.ID != "a.2" {
			return errors.New("no")
		}
		return nil
	}}
	cfg := r.keyed()
	cfg.Waits = []time.Duration{time.Hour, time.Hour}
	cfg.SkipAfter = 30 * time.Millisecond
	b := r.open(ran.handle, cfg)
	r.send(b, "a.1", "a.2", "none")
	r.run(b)
	r.until("the lane goes on", func() bool { return r.counts(b) == sqlinbox.Counts{Waiting: 1, Done: 1, Dead: 1} })
	require.Equal(r, []string{"a.1", "a.1", "a.2"}, ran.lane("a"), "a last run when the time is over")
	require.Equal(r, 1, ran.count("none"), "an event without a lane holds up nobody")
}

// longBacklogIsInOrder has more than one batch.
func longBacklogIsInOrder(r *rig) {
	const n = 130
	var ran journal
	b := r.open(ran.handle, r.keyed())
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("a.%04d", i)
	}
	r.send(b, ids...)
	r.run(b)
	r.until("all run", func() bool { return len(ran.all()) == n })
	require.Equal(r, ids, ran.all())
}
