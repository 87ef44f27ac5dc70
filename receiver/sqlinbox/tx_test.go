package sqlinbox_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

func TestTxOutsideAnInboxPanics(t *testing.T) {
	require.Panics(t, func() { sqlinbox.Tx(t.Context()) })
}

// A handler learns that its transaction could not begin as it learns of any other fault of its database.
func TestTxThatCannotBegin(t *testing.T) {
	s := sqliteSource(t)
	db := s.open(t)
	used, outcomes := make(chan error, 1), make(chan sqlinbox.Outcome, 1)
	b, err := sqlinbox.New(db, s.flavor, receiver.HandlerFunc(func(ctx context.Context, _ *receiver.Event) error {
		db.Close()
		_, err := sqlinbox.Tx(ctx).ExecContext(ctx, `select 1`)
		used <- err
		return nil // it does not mind, the inbox does
	}), sqlinbox.Config{Logger: quiet, Lease: 200 * time.Millisecond, Hooks: sqlinbox.Hooks{
		Ran: func(_ context.Context, _ *receiver.Event, o sqlinbox.Outcome) { outcomes <- o },
	}})
	require.NoError(t, err)
	require.NoError(t, b.Migrate(t.Context()))
	require.NoError(t, b.HandleEvent(t.Context(), fresh("")))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	require.ErrorContains(t, <-used, "database is closed")
	require.Error(t, (<-outcomes).Err)
	cancel()
	require.NoError(t, <-ended)
}

// Its transaction ends with the handler.
func TestTxAfterTheHandler(t *testing.T) {
	s := sqliteSource(t)
	var late context.Context
	over := make(chan struct{})
	keep := func(ctx context.Context, _ *receiver.Event) error { late = ctx; return nil }
	cfg := sqlinbox.Config{Logger: quiet}
	cfg.Hooks.Ran = func(context.Context, *receiver.Event, sqlinbox.Outcome) { close(over) }
	b, err := sqlinbox.New(s.open(t), s.flavor, receiver.HandlerFunc(keep), cfg)
	require.NoError(t, err)
	require.NoError(t, b.Migrate(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	require.NoError(t, b.HandleEvent(t.Context(), fresh("")))
	<-over
	_, err = sqlinbox.Tx(late).Exec(`select 1`)
	require.ErrorContains(t, err, "the handler has returned")
	require.False(t, errors.Is(err, sql.ErrTxDone))
	cancel()
	require.NoError(t, <-ended)
}

func TestRunTwice(t *testing.T) {
	s := sqliteSource(t)
	b, err := sqlinbox.New(s.open(t), s.flavor, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
	require.NoError(t, err)
	require.NoError(t, b.Migrate(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for range 2 {
		go func() { ended <- b.Run(ctx) }()
	}
	require.ErrorContains(t, <-ended, "it runs already")
	cancel()
	require.NoError(t, <-ended)
	require.NoError(t, b.Run(ctx), "one after the other")
}
