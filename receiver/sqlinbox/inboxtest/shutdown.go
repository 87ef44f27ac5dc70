package inboxtest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

func shutdownFinishesWhatRuns(r *rig) {
	goOn, running := make(chan struct{}), make(chan struct{}, 1)
	j := journal{answer: func(ctx context.Context, _ *receiver.Event, _ int) error {
		running <- struct{}{}
		<-goOn
		return ctx.Err()
	}}
	b := r.open(j.handle, r.keyed())
	r.send(b, "a.1", "a.2")
	stop := r.run(b)
	wait(r, "the first runs", running)
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	close(goOn)
	wait(r, "Run returns", stopped)
	require.Equal(r, sqlinbox.Counts{Waiting: 1, Done: 1}, r.counts(b))
	r.run(b)
	r.until("the rest runs", func() bool { return r.counts(b).Done == 2 })
}

// shutdownReleasesWhatIsCutOff cuts the same event off more often than a process may vanish under it.
func shutdownReleasesWhatIsCutOff(r *rig) {
	const cuts = 7
	running := make(chan struct{}, cuts)
	j := journal{answer: func(ctx context.Context, _ *receiver.Event, run int) error {
		if run > cuts {
			return nil
		}
		running <- struct{}{}
		<-ctx.Done()
		return context.Cause(ctx)
	}}
	cfg := r.quick()
	cfg.ShutdownTimeout = time.Millisecond
	outcomes := ran(&cfg)
	b := r.open(j.handle, cfg)
	r.send(b, "1")
	for range cuts {
		stop := r.run(b)
		wait(r, "it runs", running)
		stop()
		require.ErrorIs(r, wait(r, "its end", outcomes).Err, sqlinbox.ErrShutdown)
		e := r.only(b, sqlinbox.Waiting)
		require.Zero(r, e.Failures, "a shutdown is no failure")
	}
	r.run(b)
	r.until("it is done", func() bool { return r.counts(b).Done == 1 })
}
