package inboxtest

import (
	"context"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

func workersAreBounded(r *rig) {
	const workers = 3
	goOn := make(chan struct{})
	letGo := sync.OnceFunc(func() { close(goOn) })
	defer letGo()
	j := journal{answer: func(context.Context, *receiver.Event, int) error {
		<-goOn
		return nil
	}}
	cfg := r.quick()
	cfg.Workers = workers
	b := r.open(j.handle, cfg)
	r.send(b, "1", "2", "3", "4", "5", "6", "7")
	r.run(b)
	r.until("as many run as there are workers", func() bool { return len(j.all()) == workers })
	require.Equal(r, sqlinbox.Counts{Waiting: 4, Running: workers}, r.counts(b))
	letGo()
	r.until("all are done", func() bool { return r.counts(b).Done == 7 })
	require.Equal(r, workers, j.mostAtOnce())
}

// lanesTakeTurns has one worker, and a lane that is long when the others come.
func lanesTakeTurns(r *rig) {
	var ran journal
	cfg := r.keyed()
	cfg.Workers = 1
	b := r.open(ran.handle, cfg)
	r.send(b, numbered("long", 30)...)
	for _, lane := range []string{"a", "b"} {
		r.send(b, numbered(lane, 3)...)
	}
	r.run(b)
	r.until("all run", func() bool { return r.counts(b).Done == 36 })
	all := ran.all()
	for _, lane := range []string{"a", "b"} {
		require.Equal(r, numbered(lane, 3), ran.lane(lane))
		require.Subset(r, all[:15], ran.lane(lane), "three turns of three lanes, and some that were handed on late")
	}
}
