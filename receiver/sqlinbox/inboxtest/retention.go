package inboxtest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// clockIsSetBack finds what was written under a clock that was ten days ahead.
func clockIsSetBack(r *rig) {
	j := failOnce("a.1")
	cfg := r.keyed()
	cfg.Waits = []time.Duration{time.Hour}
	cfg.DeadRetention = 100 * time.Millisecond // so that Run looks often
	b := r.start(j.handle, cfg)
	r.send(b, "a.1", "a.2")
	r.until("it failed", func() bool {
		list := r.list(b, sqlinbox.Waiting)
		return len(list) == 2 && list[1].Failures == 1
	})
	require.Equal(r, 1, j.count("a.1"), "an hour is not too long")
	r.exec(`update {t} set due = due + ? where stage = 2`, (240 * time.Hour).Microseconds())
	r.until("both are done", func() bool { return r.counts(b).Done == 2 })
	require.Equal(r, []string{"a.1", "a.1", "a.2"}, j.all())
}

func oldEventsAreForgotten(r *rig) {
	cfg := r.quick()
	j := journal{answer: func(_ context.Context, ev *receiver.Event, _ int) error {
		if ev.ID == "dead" {
			return receiver.Permanent(context.Canceled)
		}
		return nil
	}}
	b := r.open(j.handle, cfg)
	r.send(b, "done", "dead", "waiting")
	waiting := r.list(b, sqlinbox.Waiting)[0].ID
	r.exec(`update {t} set due = due + ? where seq = ?`, time.Hour.Microseconds(), waiting)
	stop := r.run(b)
	r.until("both have ended", func() bool { return r.counts(b) == sqlinbox.Counts{Waiting: 1, Done: 1, Dead: 1} })
	stop()
	cfg.Retention = 50 * time.Millisecond
	b = r.open(j.handle, cfg)
	stop = r.run(b)
	r.until("the done one is gone", func() bool { return r.counts(b) == sqlinbox.Counts{Waiting: 1, Dead: 1} })
	stop()
	r.send(b, "done")
	require.Equal(r, 2, r.counts(b).Waiting, "it is forgotten")
	cfg.Retention, cfg.DeadRetention = 0, 50*time.Millisecond
	b = r.open(j.handle, cfg)
	r.run(b)
	r.until("the dead one is gone", func() bool { return r.counts(b) == sqlinbox.Counts{Waiting: 1, Done: 1} })
}
