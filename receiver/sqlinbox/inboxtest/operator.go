package inboxtest

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// failOnce fails the first run of each of ids.
func failOnce(ids ...string) *journal {
	return &journal{answer: func(_ context.Context, ev *receiver.Event, run int) error {
		for _, id := range ids {
			if ev.ID == id && run == 1 {
				return errors.New("no")
			}
		}
		return nil
	}}
}

func retryNowMakesDue(r *rig) {
	j := failOnce("a.1")
	cfg := r.keyed()
	cfg.Waits = []time.Duration{time.Hour}
	b := r.start(j.handle, cfg)
	r.send(b, "a.1", "a.2")
	var head, behind sqlinbox.Entry
	r.until("it failed", func() bool {
		list := r.list(b, sqlinbox.Waiting)
		if len(list) == 2 {
			behind, head = list[0], list[1]
		}
		return head.Failures == 1
	})
	require.ErrorIs(r, b.RetryNow(r.ctx, behind.ID), sqlinbox.ErrState, "it waits for its turn")
	require.NoError(r, b.RetryNow(r.ctx, head.ID))
	r.until("both are done", func() bool { return r.counts(b).Done == 2 })
	require.Equal(r, []string{"a.1", "a.1", "a.2"}, j.all())
	require.ErrorIs(r, b.RetryNow(r.ctx, head.ID), sqlinbox.ErrState)
}

func replayRunsAgain(r *rig) {
	j := failOnce("1")
	cfg := r.quick()
	cfg.Waits = []time.Duration{}
	b := r.start(j.handle, cfg)
	r.send(b, "1")
	id := r.only(b, sqlinbox.Dead).ID
	require.NoError(r, b.Replay(r.ctx, id))
	e := r.only(b, sqlinbox.Done)
	require.Equal(r, id, e.ID)
	require.Zero(r, e.Failures)
	require.NoError(r, b.Replay(r.ctx, id), "what is done can run again too")
	r.until("a third run", func() bool { return j.count("1") == 3 })
	r.until("its end", func() bool { return r.counts(b).Done == 1 })
}

func replayStandsLastInItsLane(r *rig) {
	goOn := make(chan struct{})
	j := journal{answer: func(ctx context.Context, ev *receiver.Event, run int) error {
		switch {
		case ev.ID == "a.1" && run == 1:
			return receiver.Permanent(errors.New("no"))
		case ev.ID == "a.2":
			<-goOn
		}
		return nil
	}}
	b := r.open(j.handle, r.keyed())
	r.send(b, "a.1", "a.2", "a.3")
	r.run(b)
	require.NoError(r, b.Replay(r.ctx, r.only(b, sqlinbox.Dead).ID))
	r.until("the second runs", func() bool { return j.count("a.2") == 1 })
	require.ErrorIs(r, b.Replay(r.ctx, r.only(b, sqlinbox.Running).ID), sqlinbox.ErrState)
	require.ErrorIs(r, b.Cancel(r.ctx, r.only(b, sqlinbox.Running).ID), sqlinbox.ErrState)
	require.ErrorIs(r, b.RetryNow(r.ctx, r.only(b, sqlinbox.Running).ID), sqlinbox.ErrState)
	close(goOn)
	r.until("all are done", func() bool { return r.counts(b).Done == 3 })
	require.Equal(r, []string{"a.1", "a.2", "a.3", "a.1"}, j.all())
}

func cancelLetsTheLaneGoOn(r *rig) {
	j := failOnce("a.1")
	cfg := r.keyed()
	cfg.Waits = []time.Duration{time.Hour}
	b := r.open(j.handle, cfg)
	r.send(b, "a.1", "a.2", "a.3", "1")
	list := r.list(b, sqlinbox.Waiting) // the newest first
	require.NoError(r, b.Cancel(r.ctx, list[0].ID), "without a lane")
	require.NoError(r, b.Cancel(r.ctx, list[2].ID), "before it has its place")
	r.run(b)
	r.until("the first failed", func() bool {
		list := r.list(b, sqlinbox.Waiting)
		return len(list) == 2 && list[1].Failures == 1
	})
	require.NoError(r, b.Cancel(r.ctx, list[3].ID), "the head")
	r.until("the last is done", func() bool { return r.counts(b) == sqlinbox.Counts{Done: 1, Cancelled: 3} })
	require.Equal(r, []string{"a.1", "a.3"}, j.all())
	require.ErrorIs(r, b.Cancel(r.ctx, list[3].ID), sqlinbox.ErrState)
	require.NoError(r, b.Replay(r.ctx, list[3].ID))
	r.until("the replayed is done", func() bool { return r.counts(b) == sqlinbox.Counts{Done: 2, Cancelled: 2} })
}

func unknownIDs(r *rig) {
	b := r.open((&journal{}).handle, r.quick())
	for _, id := range []int64{-1, 0, 1 << 40} {
		require.ErrorIs(r, b.Replay(r.ctx, id), sqlinbox.ErrNotFound)
		require.ErrorIs(r, b.RetryNow(r.ctx, id), sqlinbox.ErrNotFound)
		require.ErrorIs(r, b.Cancel(r.ctx, id), sqlinbox.ErrNotFound)
	}
}

func listPages(r *rig) {
	b := r.open((&journal{}).handle, r.keyed())
	r.send(b, "a.1", "b.1", "a.2", "a.3")
	q := sqlinbox.Query{State: sqlinbox.Waiting, Lane: "a", Limit: 2}
	first, err := b.List(r.ctx, q)
	require.NoError(r, err)
	require.Len(r, first, 2)
	q.Before = first[1].ID
	rest, err := b.List(r.ctx, q)
	require.NoError(r, err)
	require.Len(r, rest, 1)
	require.Equal(r, []string{"a.3", "a.2", "a.1"}, []string{first[0].Event.ID, first[1].Event.ID, rest[0].Event.ID})
	for _, e := range append(first, rest...) {
		require.Equal(r, "a", e.Lane)
		require.Equal(r, sqlinbox.Waiting, e.State)
		require.WithinDuration(r, time.Now(), e.ArrivedAt, time.Minute)
	}
	require.Empty(r, r.list(b, sqlinbox.Running))
}

func blockedLanesAreListed(r *rig) {
	j := failOnce("a.1", "b.1", "1")
	cfg := r.keyed()
	cfg.Waits = []time.Duration{time.Hour}
	b := r.open(j.handle, cfg)
	r.send(b, "a.1", "a.2", "b.1", "c.1", "1", "a.3")
	stop := r.run(b)
	r.until("three failed", func() bool { return j.count("a.1")+j.count("b.1")+j.count("1")+j.count("c.1") == 4 })
	stop()
	blocked := func() map[string]sqlinbox.Blocked {
		list, err := b.Blocked(r.ctx, 0)
		require.NoError(r, err)
		byLane := map[string]sqlinbox.Blocked{}
		for _, l := range list {
			byLane[l.Lane] = l
		}
		require.Len(r, byLane, len(list))
		return byLane
	}
	lanes := blocked()
	require.Len(r, lanes, 2, "an event without a lane blocks nobody, nor does a lane that went on")
	require.Equal(r, 2, lanes["a"].Behind)
	require.Zero(r, lanes["b"].Behind)
	head := lanes["a"].Entry
	require.Equal(r, "a.1", head.Event.ID)
	require.Equal(r, 1, head.Failures)
	require.Equal(r, "no", head.LastError)
	require.WithinDuration(r, time.Now().Add(time.Hour), head.At, 30*time.Minute)
	one, err := b.Entry(r.ctx, head.ID)
	require.NoError(r, err)
	require.Equal(r, head, one)
	require.NoError(r, b.RetryNow(r.ctx, head.ID))
	require.Len(r, blocked(), 2, "it is due, and has not run")
	first, err := b.Blocked(r.ctx, 1)
	require.NoError(r, err)
	require.Len(r, first, 1)
	require.Equal(r, "a", first[0].Lane, "what runs next is first")
	r.run(b)
	r.until("the lane goes on", func() bool { return j.count("a.3") == 1 })
	r.until("it is not blocked", func() bool { return len(blocked()) == 1 })
	_, err = b.Entry(r.ctx, 1<<40)
	require.ErrorIs(r, err, sqlinbox.ErrNotFound)
}
