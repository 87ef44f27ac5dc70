package redisdedupe_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/internal/claimtest"
	"github.com/kirimhooks/kirimhooks/internal/redistest"
)

func TestAServerThatForgets(t *testing.T) {
	w := open(t)
	claimtest.Forget(t, w.Store, w.forget)
}

// failover is a master and its replica, and a client that finds whichever is in charge.
type failover struct {
	testing.TB
	*world
	client  *redis.Client // with one connection, whose writes synced waits for
	master  *redistest.Server
	replica *redis.Client
	charged atomic.Value // the address of the one in charge
}

func openFailover(t *testing.T) *failover {
	master := redistest.Start(t, "--repl-diskless-sync-delay", "0") // no waiting for a second replica
	second := redistest.Start(t)
	f := &failover{TB: t, master: master, replica: connect(t, second.URL())}
	f.charged.Store(master.Addr())
	client := redis.NewClient(&redis.Options{
		PoolSize: 1,
		Dialer: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, f.charged.Load().(string))
		},
	})
	t.Cleanup(func() { client.Close() })
	f.client, f.world = client, over(t, client)
	host, port, err := net.SplitHostPort(master.Addr())
	require.NoError(t, err)
	require.NoError(t, f.replica.SlaveOf(t.Context(), host, port).Err())
	for linked := false; !linked; {
		require.NoError(t, t.Context().Err())
		linked = strings.Contains(f.replica.Info(t.Context(), "replication").Val(), "master_link_status:up")
	}
	return f
}

// synced returns once the replica has all that the master has.
func (f *failover) synced() {
	copies, err := f.client.Wait(context.Background(), 1, 0).Result()
	require.NoError(f.TB, err)
	require.EqualValues(f.TB, 1, copies)
}

// cut parts the replica from the master: it gets no write from here on.
func (f *failover) cut() {
	require.NoError(f.TB, f.replica.SlaveOf(context.Background(), "no", "one").Err())
}

// fail takes the master away and puts the replica in charge.
func (f *failover) fail() {
	require.NoError(f.TB, f.master.Crash())
	f.charged.Store(f.replica.Options().Addr)
}

func TestFailoverMayForgetACommit(t *testing.T) {
	f := openFailover(t)
	guard := dedupe.Guard{Store: f.Store, Lease: lease, Wait: patience, StoreTimeout: patience}
	ran := 0
	require.NoError(t, guard.Do(t.Context(), "evt_1", func(context.Context) error {
		ran++
		f.synced()
		f.cut()
		return nil
	}), "the master has it as done, the replica as running")
	f.fail()
	run := func(ctx context.Context) error { ran++; return ctx.Err() }
	require.NoError(t, guard.Do(t.Context(), "evt_1", run), "it runs again when the lease of the first has ended")
	require.Equal(t, 2, ran)
	require.ErrorIs(t, guard.Do(t.Context(), "evt_1", run), dedupe.ErrDuplicate)
}

func TestFailoverMayForgetAClaim(t *testing.T) {
	f := openFailover(t)
	guard := dedupe.Guard{Store: f.Store, Wait: patience, StoreTimeout: patience}
	ran := 0
	run := func(ctx context.Context) error { ran++; return ctx.Err() }
	f.cut()
	err := guard.Do(t.Context(), "evt_1", func(ctx context.Context) error {
		f.fail()
		require.NoError(t, guard.Do(t.Context(), "evt_1", run), "the new master knows of no claim")
		return run(ctx)
	})
	require.ErrorIs(t, err, dedupe.ErrLeaseLost, "the first learns of it")
	require.Equal(t, 2, ran)
	require.ErrorIs(t, guard.Do(t.Context(), "evt_1", run), dedupe.ErrDuplicate)
}

func TestFailoverForgetsNothingThatTheReplicaHas(t *testing.T) {
	f := openFailover(t)
	guard := dedupe.Guard{Store: f.Store, Wait: patience, StoreTimeout: patience}
	ran := 0
	run := func(ctx context.Context) error { ran++; return ctx.Err() }
	require.NoError(t, guard.Do(t.Context(), "evt_1", run))
	require.NoError(t, guard.Do(t.Context(), "evt_2", func(ctx context.Context) error {
		f.synced()
		f.cut()
		f.fail()
		return run(ctx)
	}), "the claim outlives its master")
	require.ErrorIs(t, guard.Do(t.Context(), "evt_1", run), dedupe.ErrDuplicate)
	require.ErrorIs(t, guard.Do(t.Context(), "evt_2", run), dedupe.ErrDuplicate)
	require.Equal(t, 2, ran)
}
