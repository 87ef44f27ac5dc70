package inboxtest

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// leaseIsRenewed has a handler that outlives its first lease, and another process that would find it if one ended.
func leaseIsRenewed(r *rig) {
	goOn := make(chan struct{})
	j := journal{answer: func(ctx context.Context, _ *receiver.Event, _ int) error {
		select {
		case <-goOn:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}}
	cfg := r.quick()
	cfg.Lease = 3 * time.Second
	b := r.start(j.handle, cfg)
	r.start(j.handle, cfg)
	r.send(b, "1")
	first := r.only(b, sqlinbox.Running).At
	r.until("the lease is renewed", func() bool { return r.only(b, sqlinbox.Running).At.Sub(first) >= cfg.Lease })
	close(goOn)
	r.until("it is done", func() bool { return r.counts(b).Done == 1 })
	require.Equal(r, []string{"1"}, j.all())
	require.Zero(r, r.only(b, sqlinbox.Done).Failures)
}

// stuck is a handler whose first run, of the first event, hangs until it is let go, and cannot tell that its lease has
// ended.
func stuck(after func(ctx context.Context, ev *receiver.Event, first bool) error) (j *journal, goOn chan struct{}) {
	goOn = make(chan struct{})
	return &journal{answer: func(ctx context.Context, ev *receiver.Event, run int) error {
		first := run == 1 && ev.ID != "a.2"
		if first {
			<-goOn
		}
		return after(ctx, ev, first)
	}}, goOn
}

// suspended returns the inbox of a process whose only handler runs the first of ids, while its lease has ended and
// another process is there.
func (r *rig) suspended(j *journal, cfg sqlinbox.Config, ids ...string) *sqlinbox.Inbox {
	r.Helper()
	alone := cfg
	alone.Workers = 1
	b := r.start(j.handle, alone)
	r.send(b, ids...)
	r.until("the first runs", func() bool { return j.count(ids[0]) == 1 })
	r.start(j.handle, cfg)
	r.lapse(r.only(b, sqlinbox.Running).ID)
	return b
}

func vanishedProcessIsReplaced(r *rig) {
	j, goOn := stuck(func(context.Context, *receiver.Event, bool) error { return nil })
	cfg := r.keyed()
	outcomes := ran(&cfg)
	b := r.suspended(j, cfg, "a.1", "a.2")
	r.until("the others run", func() bool { return r.counts(b).Done == 2 })
	for range 2 {
		require.NoError(r, wait(r, "a run", outcomes).Err)
	}
	close(goOn)
	require.ErrorIs(r, wait(r, "the first run", outcomes).Err, sqlinbox.ErrLeaseLost)
	require.Equal(r, []string{"a.1", "a.1", "a.2"}, j.all())
	require.Equal(r, sqlinbox.Counts{Done: 2}, r.counts(b))
}

// lateEffectIsFencedOut lets a run that lost its lease write its effect, first while another runs and then after it.
func lateEffectIsFencedOut(r *rig) {
	r.effects()
	second := make(chan struct{})
	j, goOn := stuck(func(ctx context.Context, ev *receiver.Event, first bool) error {
		if !first {
			<-second
		}
		return r.effect(sqlinbox.Tx(context.WithoutCancel(ctx)), ev.ID)
	})
	cfg := r.quick()
	outcomes := ran(&cfg)
	b := r.suspended(j, cfg, "1")
	r.until("the second run", func() bool { return j.count("1") == 2 })
	close(goOn)
	require.ErrorIs(r, wait(r, "the end of the first run", outcomes).Err, sqlinbox.ErrLeaseLost)
	require.Zero(r, r.effectsOf("1"))
	close(second)
	require.NoError(r, wait(r, "the end of the second run", outcomes).Err)
	require.Equal(r, 1, r.effectsOf("1"))
	require.Equal(r, sqlinbox.Counts{Done: 1}, r.counts(b))
}

func lateFailureIsFencedOut(r *rig) {
	second := make(chan struct{})
	j, goOn := stuck(func(_ context.Context, ev *receiver.Event, first bool) error {
		if first {
			return receiver.Permanent(errors.New("no"))
		}
		if ev.ID == "a.1" {
			<-second
		}
		return nil
	})
	cfg := r.keyed()
	outcomes := ran(&cfg)
	b := r.suspended(j, cfg, "a.1", "a.2")
	r.until("the second run", func() bool { return j.count("a.1") == 2 })
	close(goOn)
	require.ErrorIs(r, wait(r, "the end of the first run", outcomes).Err, sqlinbox.ErrLeaseLost)
	require.Equal(r, sqlinbox.Counts{Waiting: 1, Running: 1}, r.counts(b), "its failure counts for nothing")
	close(second)
	r.until("both are done", func() bool { return r.counts(b) == sqlinbox.Counts{Done: 2} })
}

func crashLoopEnds(r *rig) {
	var j journal
	b := r.open(j.handle, r.keyed())
	r.send(b, "a.1", "a.2")
	first := r.list(b, sqlinbox.Waiting)[1].ID
	r.run(b)
	r.until("both are done", func() bool { return r.counts(b).Done == 2 })
	r.until("the lane is handed on", func() bool { return b.Replay(r.ctx, first) == nil })
	r.until("it is done again", func() bool { return j.count("a.1") == 2 && r.counts(b).Done == 2 })
	// As five processes would leave it that took it one after another, and vanished.
	r.exec(`update {t} set stage = 2, lane = '', due = 1, lapses = 5, token = 'gone' where seq = ?`, first)
	r.until("it is dead", func() bool { return r.counts(b) == sqlinbox.Counts{Done: 1, Dead: 1} })
	require.Contains(r, r.only(b, sqlinbox.Dead).LastError, "vanished")
	require.Equal(r, 2, j.count("a.1"))
}
