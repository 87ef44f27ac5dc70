package memstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

func open(t *testing.T) *memstore.Store {
	s := memstore.New()
	subscribe(t, s, "acme", "a", "x")
	return s
}

func pub(id string, digest byte) driver.Publication {
	p := batch("acme", id, 1, "x")[0]
	p.Event.ID, p.Digest = id, [32]byte{digest}
	return p
}

func enqueueIn(t *testing.T, e driver.Enqueuer, pubs ...driver.Publication) []driver.Enqueued {
	t.Helper()
	r := driver.ClaimRequest{Limit: 10, PerSubscription: 10, Lease: time.Minute}
	results, claims, err := e.Enqueue(t.Context(), pubs, &r)
	require.NoError(t, err)
	if _, ok := e.(*memstore.Tx); ok {
		require.Empty(t, claims, "a transaction never leases")
	}
	return results
}

func list(t *testing.T, s *memstore.Store) []driver.Delivery {
	t.Helper()
	l, err := s.Deliveries(t.Context(), driver.DeliveryQuery{Org: "acme"})
	require.NoError(t, err)
	return l
}

func TestTxShowsNothingBeforeCommit(t *testing.T) {
	s := open(t)
	tx := s.Begin()
	require.Equal(t, []driver.Enqueued{{Deliveries: 1}}, enqueueIn(t, tx, pub("evt_1", 1)))
	require.Empty(t, list(t, s))
	_, err := s.Event(t.Context(), "acme", "evt_1")
	require.ErrorIs(t, err, driver.ErrNotFound)

	require.NoError(t, tx.Commit())
	require.Len(t, list(t, s), 1)
	c, err := s.Claim(t.Context(), request(10))
	require.NoError(t, err)
	require.Len(t, c.Claims, 1, "due at once")
}

func TestTxRollbackLeavesNothing(t *testing.T) {
	s := open(t)
	tx := s.Begin()
	enqueueIn(t, tx, pub("evt_1", 1))
	require.NoError(t, tx.Rollback())
	require.Empty(t, list(t, s))
	require.Error(t, tx.Commit())
	require.Empty(t, list(t, s))
	require.False(t, enqueueIn(t, s, pub("evt_1", 2))[0].Duplicate, "its identity is free")
}

func TestTxRollbackAfterCommitDoesNothing(t *testing.T) {
	s := open(t)
	tx := s.Begin()
	enqueueIn(t, tx, pub("evt_1", 1))
	require.NoError(t, tx.Commit())
	require.NoError(t, tx.Rollback())
	require.Len(t, list(t, s), 1)
	require.Error(t, tx.Commit(), "once only")
	require.Len(t, list(t, s), 1)
	_, _, err := tx.Enqueue(t.Context(), nil, nil)
	require.Error(t, err)
}

func TestTxForetellsItsResults(t *testing.T) {
	s := open(t)
	enqueueIn(t, s, pub("known", 1))
	tx := s.Begin()
	nobody := pub("evt_3", 1)
	nobody.Only = "unknown"
	results := enqueueIn(t, tx, pub("evt_1", 1), pub("known", 1), pub("known", 2), pub("evt_1", 1), nobody)
	require.Equal(t, driver.Enqueued{Deliveries: 1}, results[0])
	require.Equal(t, driver.Enqueued{Duplicate: true}, results[1])
	require.ErrorIs(t, results[2].Err, driver.ErrConflict)
	require.Equal(t, driver.Enqueued{Duplicate: true}, results[3])
	require.ErrorIs(t, results[4].Err, driver.ErrNotFound)
	require.ErrorIs(t, enqueueIn(t, tx, pub("evt_1", 2))[0].Err, driver.ErrConflict, "it sees what it did before")
	require.NoError(t, tx.Commit())
	require.Len(t, list(t, s), 2)
}

func TestTxCommitMeetsWhatOthersStored(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(*memstore.Store)
		want      error
		stored    int
	}{
		"nothing":        {func(*memstore.Store) {}, nil, 2},
		"the same event": {func(s *memstore.Store) { enqueueIn(t, s, pub("evt_1", 1)) }, nil, 2},
		"another body":   {func(s *memstore.Store) { enqueueIn(t, s, pub("evt_1", 2)) }, driver.ErrConflict, 1},
		"a subscription": {func(s *memstore.Store) { subscribe(t, s, "acme", "b", "x") }, nil, 3},
		"one that went away": {func(s *memstore.Store) { require.NoError(t, s.DeleteSubscription(t.Context(), "acme", "a")) },
			driver.ErrNotFound, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			tx := s.Begin()
			test0 := pub("test", 1)
			test0.Only = "a"
			enqueueIn(t, tx, test0, pub("evt_1", 1))
			test.meanwhile(s)
			require.ErrorIs(t, tx.Commit(), test.want)
			require.Len(t, list(t, s), test.stored, "all or nothing")
		})
	}
}

func TestTxEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := open(t)
	tx := s.Begin()
	_, _, err := tx.Enqueue(ctx, []driver.Publication{pub("evt_1", 1)}, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, tx.Commit())
	require.Empty(t, list(t, s))
}

func TestBodiesAreCopied(t *testing.T) {
	s := open(t)
	direct, inTx := pub("evt_1", 1), pub("evt_2", 1)
	enqueueIn(t, s, direct)
	tx := s.Begin()
	enqueueIn(t, tx, inTx)
	for _, body := range [][]byte{direct.Event.Body, inTx.Event.Body} {
		copy(body, "a buffer that is used again")
	}
	require.NoError(t, tx.Commit())
	for _, id := range []string{"evt_1", "evt_2"} {
		e, err := s.Event(t.Context(), "acme", id)
		require.NoError(t, err)
		require.Equal(t, make([]byte, 1024), []byte(e.Event.Body))
	}
}
