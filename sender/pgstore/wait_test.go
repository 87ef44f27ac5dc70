package pgstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// waits runs Wait until it returns, at most d.
func waits(t *testing.T, s *pgstore.Store, d time.Duration) error {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	return s.Wait(ctx)
}

// listens makes s listen, and reads away what came before.
func listens(t *testing.T, s *pgstore.Store) {
	t.Helper()
	listening := func() bool { return waits(t, s, 300*time.Millisecond) != nil }
	require.Eventually(t, listening, 10*time.Second, time.Millisecond)
}

func TestAnotherProcessIsWoken(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	sleeper := w.peer()
	require.NoError(t, sleeper.Wait(t.Context()), "the first call: what came before is not known")
	listens(t, sleeper)
	tx := w.begin()
	_, _, err := tx.Enqueue(t.Context(), []driver.Publication{publication("a", "e", "x")}, nil)
	require.NoError(t, err)
	require.ErrorIs(t, waits(t, sleeper, 50*time.Millisecond), context.DeadlineExceeded, "not before it commits")
	require.NoError(t, tx.commit())
	require.NoError(t, waits(t, sleeper, 10*time.Second))
}

func TestNobodyIsToldWhatNobodyCanTake(t *testing.T) {
	w := open(t)
	w.subscribe("a", "active", driver.StatusActive, "x")
	w.subscribe("a", "paused", driver.StatusPaused, "y")
	sleeper := w.peer()
	listens(t, sleeper)
	r := request(5)
	_, claims, err := w.Enqueue(t.Context(), []driver.Publication{
		publication("a", "leased", "x"), publication("a", "held", "y"), publication("a", "nobody"),
	}, &r)
	require.NoError(t, err)
	require.Len(t, claims, 1)
	require.ErrorIs(t, waits(t, sleeper, 200*time.Millisecond), context.DeadlineExceeded)
	w.turn("a", "paused", driver.StatusActive)
	require.NoError(t, waits(t, sleeper, 10*time.Second))
}

// Publishers notify only while somebody sleeps: a process that found all it could take says nothing, and what it said
// before wears off.
func TestABusyProcessIsNotTold(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	busy := w.peer()
	listens(t, busy)
	w.advance(time.Minute)
	w.publish(publications("a", "e", 10, "x")...)
	require.ErrorIs(t, waits(t, busy, 200*time.Millisecond), context.DeadlineExceeded)
	require.Zero(t, w.count("select count(*) from {schema}.processes where asleep_until > {schema}_clock.now()"))
}

func TestAClaimThatFindsTooLittleIsToldOfMore(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "first", "x"))
	idle := w.peer()
	listens(t, idle)
	w.advance(time.Hour)
	_, err := idle.Claim(t.Context(), request(1))
	require.NoError(t, err)
	require.Zero(t, w.count("select count(*) from {schema}.processes where asleep_until > {schema}_clock.now()"),
		"it found all it could take")
	r := request(5)
	r.Worker = "host-1"
	_, err = idle.Claim(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, 1, w.count(`select count(*) from {schema}.processes
		where asleep_until > {schema}_clock.now() and name = 'host-1'`))
	w.publish(publication("a", "e", "x"))
	require.NoError(t, waits(t, idle, 10*time.Second))
}

func TestALostConnectionIsMadeAgain(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	sleeper := w.peer()
	listens(t, sleeper)
	require.Equal(t, 1, w.count(`select count(*) from pg_stat_activity
		where query like 'insert into%{schema}%processes%' and pg_terminate_backend(pid)`))
	require.Error(t, waits(t, sleeper, 10*time.Second))
	require.NoError(t, waits(t, sleeper, 10*time.Second), "what came meanwhile is not known")
	listens(t, sleeper)
	w.publish(publication("a", "e", "x"))
	require.NoError(t, waits(t, sleeper, 10*time.Second))
}

func TestACancelledWaitGivesItsConnectionUp(t *testing.T) {
	w := open(t)
	sleeper := w.peer()
	listens(t, sleeper)
	connections := func() int {
		return w.count("select count(*) from pg_stat_activity where query like 'insert into%{schema}%processes%'")
	}
	require.Equal(t, 1, connections())
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	require.ErrorIs(t, sleeper.Wait(ctx), context.Canceled)
	require.Eventually(t, func() bool { return connections() == 0 }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, waits(t, sleeper, 10*time.Second), "it can listen again")
}

func TestListenGoesItsOwnWay(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	direct := w.pool.Config().ConnConfig.Copy()
	direct.RuntimeParams["application_name"] = w.schema
	s := w.with(pgstore.Config{Listen: direct})
	listens(t, s)
	require.Equal(t, 1, w.count("select count(*) from pg_stat_activity where application_name = '{schema}'"))
	w.publish(publication("a", "e", "x"))
	require.NoError(t, waits(t, s, 10*time.Second))
}

// A pool with one connection must serve calls while a Wait is on.
func TestWaitTakesNoConnectionFromThePool(t *testing.T) {
	w := open(t)
	s := w.with(pgstore.Config{})
	listens(t, s)
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- s.Wait(ctx) }()
	_, err := s.Claim(t.Context(), request(1))
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}
