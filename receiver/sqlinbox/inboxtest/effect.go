package inboxtest

import (
	"context"
	"errors"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

func effectAndMarkAreOne(r *rig) {
	r.effects()
	j := journal{answer: func(ctx context.Context, ev *receiver.Event, run int) error {
		tx := sqlinbox.Tx(ctx)
		if tx != sqlinbox.Tx(ctx) {
			return errors.New("another transaction")
		}
		if err := r.effect(tx, ev.ID); err != nil {
			return err
		}
		switch run {
		case 1:
			return errors.New("no")
		case 2:
			panic("no")
		}
		return nil
	}}
	cfg := r.keyed()
	cfg.Waits = append(cfg.Waits, cfg.Waits...)
	b := r.open(j.handle, cfg)
	r.send(b, "1", "2", "a.1", "a.2")
	r.run(b)
	r.until("all are done", func() bool { return r.counts(b).Done == 4 })
	for _, id := range []string{"1", "2", "a.1", "a.2"} {
		require.Equal(r, 3, j.count(id))
		require.Equal(r, 1, r.effectsOf(id), id)
	}
}

func transactionIsNotTheHandlersToEnd(r *rig) {
	r.effects()
	cfg := r.quick()
	outcomes := ran(&cfg)
	j := journal{answer: func(ctx context.Context, ev *receiver.Event, run int) error {
		tx := sqlinbox.Tx(ctx)
		if err := r.effect(tx, ev.ID); err != nil {
			return err
		}
		if run == 1 {
			return tx.Rollback()
		}
		return nil
	}}
	b := r.start(j.handle, cfg)
	r.send(b, "1")
	require.Error(r, wait(r, "the first run", outcomes).Err)
	require.NoError(r, wait(r, "the second run", outcomes).Err)
	require.Equal(r, 1, r.effectsOf("1"))
}
