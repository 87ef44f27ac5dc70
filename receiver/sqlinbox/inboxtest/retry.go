package inboxtest

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// ran returns a hook and what it was told.
func ran(cfg *sqlinbox.Config) <-chan sqlinbox.Outcome {
	outcomes := make(chan sqlinbox.Outcome, 100)
	cfg.Hooks.Ran = func(_ context.Context, _ *receiver.Event, o sqlinbox.Outcome) { outcomes <- o }
	return outcomes
}

func retriesByTheSchedule(r *rig) {
	no := errors.New("no \x00\xff")
	cfg := r.quick()
	outcomes := ran(&cfg)
	j := journal{answer: func(context.Context, *receiver.Event, int) error { return no }}
	b := r.start(j.handle, cfg)
	r.send(b, "1")
	for range 2 {
		o := wait(r, "a run", outcomes)
		require.Equal(r, sqlinbox.Waiting, o.State)
		require.ErrorIs(r, o.Err, no)
		require.GreaterOrEqual(r, o.Wait, time.Millisecond)
		require.LessOrEqual(r, o.Wait, 2*time.Millisecond)
	}
	require.Equal(r, sqlinbox.Dead, wait(r, "the last run", outcomes).State)
	e := r.only(b, sqlinbox.Dead)
	require.Equal(r, 3, e.Failures)
	require.Equal(r, "no ��", e.LastError)
	require.Equal(r, "1", e.Event.ID)
	require.Equal(r, []string{"1", "1", "1"}, j.all())
}

func permanentIsDeadAtOnce(r *rig) {
	cfg := r.quick()
	outcomes := ran(&cfg)
	b := r.start(func(context.Context, *receiver.Event) error { return receiver.Permanent(errors.New("no")) }, cfg)
	r.send(b, "1")
	require.Equal(r, sqlinbox.Dead, wait(r, "a run", outcomes).State)
	require.Equal(r, 1, r.only(b, sqlinbox.Dead).Failures)
}

func retryAfterIsHeeded(r *rig) {
	cfg := r.quick()
	outcomes := ran(&cfg)
	b := r.start(func(context.Context, *receiver.Event) error {
		return receiver.RetryAfter(errors.New("no"), time.Hour)
	}, cfg)
	r.send(b, "1")
	o := wait(r, "a run", outcomes)
	require.Equal(r, sqlinbox.Waiting, o.State)
	require.Equal(r, time.Hour, o.Wait)
	e := r.only(b, sqlinbox.Waiting)
	require.GreaterOrEqual(r, e.At.Sub(e.ArrivedAt), time.Hour)
}

func panicIsAFailure(r *rig) {
	j := journal{answer: func(_ context.Context, ev *receiver.Event, run int) error {
		switch {
		case ev.ID == "a.2":
		case run == 1:
			panic("no")
		case run == 2:
			runtime.Goexit()
		}
		return nil
	}}
	b := r.start(j.handle, r.keyed())
	r.send(b, "a.1", "a.2")
	r.until("both are done", func() bool { return r.counts(b).Done == 2 })
	require.Equal(r, []string{"a.1", "a.1", "a.1", "a.2"}, j.all())
}

func unreadableIsDeadAlone(r *rig) {
	var j journal
	b := r.open(j.handle, r.keyed())
	r.send(b, "a.1", "a.2")
	r.exec(`update {t} set head = 'not JSON' where seq = ?`, r.list(b, sqlinbox.Waiting)[1].ID)
	r.run(b)
	r.until("the next is done", func() bool { return r.counts(b) == sqlinbox.Counts{Done: 1, Dead: 1} })
	require.Equal(r, []string{"a.2"}, j.all())
	require.Contains(r, r.only(b, sqlinbox.Dead).LastError, "cannot read")
}
