package pgstore_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

func TestManyStartsAtOnceMigrateOnce(t *testing.T) {
	w := prepare(t)
	var wg sync.WaitGroup
	for range 16 {
		s := w.peer()
		wg.Go(func() {
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.NoError(t, w.Migrate(w.ctx), "again")
	require.Equal(t, 1, w.count("select count(*) from {schema}.meta"))
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "e", "x"))
	one := w.claim(request(1)).Claims[0].Delivery.ID
	list, err := w.peer().Deliveries(w.ctx, driver.DeliveryQuery{Org: "a"})
	require.NoError(t, err)
	require.Equal(t, one, list[0].ID, "all processes give a delivery the same id")
}

func TestSchemaIsWhatMigrateRuns(t *testing.T) {
	w := prepare(t)
	script, err := pgstore.Schema(pgstore.Config{Schema: w.schema})
	require.NoError(t, err)
	require.NotRegexp(t, `\{[a-z]+\}`, script)
	w.exec(script)
	require.NoError(t, w.Migrate(w.ctx), "nothing is left to do")
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publication("a", "e", "x"))
	require.Len(t, w.claim(request(1)).Claims, 1)
}

func schemaFrom(t testing.TB, schema string, from, to int) string {
	t.Helper()
	text, err := pgstore.SchemaFrom(pgstore.Config{Schema: schema}, from, to)
	require.NoError(t, err)
	return text
}

// What hosts have in their migrations must stay what it is. A change goes into a version of its own.
func TestReleasedVersionsAreNotEdited(t *testing.T) {
	for version, want := range map[int]string{
		1: "71f659cf3b73d32d33254efdee7d15778dd6bf585bdbdc6e8a24b85fafe27728",
		2: "a545b40ef6253bfff72817417ff04053356f9a7727ca3da82e77e429e0999953",
	} {
		text := schemaFrom(t, "kirimhooks", version-1, version)
		require.Equal(t, want, fmt.Sprintf("%x", sha256.Sum256([]byte(text))), "version %d", version)
	}
}

func TestSchemaFromKnowsItsVersions(t *testing.T) {
	const newest = pgstore.SchemaVersion
	for _, way := range [][2]int{{-1, 1}, {0, 0}, {0, newest + 1}, {2, 1}, {newest, newest}} {
		_, err := pgstore.SchemaFrom(pgstore.Config{}, way[0], way[1])
		require.ErrorContains(t, err, "no way leads", "from %d to %d", way[0], way[1])
	}
	_, err := pgstore.SchemaFrom(pgstore.Config{Schema: "Upper"}, 0, 1)
	require.ErrorContains(t, err, "Schema: ")
}

// The tools run a file in a transaction of their own.
func TestSchemasHaveNoTransactionControl(t *testing.T) {
	w := prepare(t)
	tx, err := w.pool.Begin(w.ctx)
	require.NoError(t, err)
	for v := range pgstore.SchemaVersion {
		_, err = tx.Exec(w.ctx, schemaFrom(t, w.schema, v, v+1))
		require.NoError(t, err)
	}
	require.NoError(t, tx.Rollback(w.ctx))
	require.Zero(t, w.count("select count(*) from pg_namespace where nspname = '{schema}'"))
}

func TestWithoutMigrateCallsSayWhatToDo(t *testing.T) {
	w := prepare(t)
	_, err := w.Store.Claim(w.ctx, request(1))
	require.ErrorContains(t, err, "call Migrate")
	var pe *pgconn.PgError
	require.True(t, errors.As(err, &pe))
	w.exec("create schema {schema}")
	_, _, err = w.Enqueue(w.ctx, []driver.Publication{publication("a", "e")}, nil)
	require.ErrorContains(t, err, "call Migrate")
	require.NoError(t, w.Migrate(w.ctx), "into a schema that the host made")
	w.publish(publication("a", "e"))

	w.exec("update {schema}.meta set version = 0")
	_, err = w.peer().Claim(w.ctx, request(1))
	require.ErrorContains(t, err, "has version 0")
	w.exec("update {schema}.meta set version = 99")
	require.NoError(t, w.peer().Migrate(w.ctx), "a newer schema serves this program too")
}

// A role that may use the schema but make nothing can run the store, and call Migrate where there is nothing to do.
func TestAWorkerNeedsNoRightToMigrate(t *testing.T) {
	w := open(t)
	config := w.pool.Config()
	config.ConnConfig.User = w.worker()
	pool, err := pgxpool.NewWithConfig(w.ctx, config)
	require.NoError(t, err)
	defer pool.Close()
	s, err := pgstore.New(pool, pgstore.Config{Schema: w.schema})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(w.ctx))
	_, err = s.PutSubscription(w.ctx, driver.SubscriptionRecord{
		Subscription: driver.Subscription{Org: "a", ID: "s", Status: driver.StatusActive}, Topics: []string{"x"},
	})
	require.NoError(t, err)
	r := request(1)
	_, claims, err := s.Enqueue(w.ctx, []driver.Publication{publication("a", "e", "x")}, &r)
	require.NoError(t, err)
	settled, err := s.Settle(w.ctx, []driver.Outcome{delivered(claims[0])})
	require.NoError(t, err)
	require.True(t, settled[0].Applied)
	_, err = s.Purge(w.ctx, driver.PurgeRequest{Identity: day, Limit: 100})
	require.NoError(t, err)
	list, err := s.Events(w.ctx, driver.EventQuery{Org: "a"})
	require.NoError(t, err)
	require.Len(t, list, 1)
	rows, err := s.Erase(w.ctx, "a", 100)
	require.NoError(t, err)
	require.Positive(t, rows)
}

// with is a store whose sessions begin with settings of their own.
func (w *world) with(cfg pgstore.Config, settings ...string) *pgstore.Store {
	w.Helper()
	config := w.pool.Config()
	config.MaxConns = 1
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		config.ConnConfig.RuntimeParams[name] = value
	}
	pool, err := pgxpool.NewWithConfig(w.ctx, config)
	require.NoError(w, err)
	w.Cleanup(pool.Close)
	cfg.Schema = w.schema
	s, err := pgstore.New(pool, cfg)
	require.NoError(w, err)
	return s
}

func TestSessionsThatCannotKeepThePromisesAreRefused(t *testing.T) {
	w := open(t)
	pub := []driver.Publication{publication("a", "e")}
	_, _, err := w.with(pgstore.Config{}, "synchronous_commit=off").Enqueue(w.ctx, pub, nil)
	require.ErrorContains(t, err, "synchronous_commit is off")
	_, _, err = w.with(pgstore.Config{AllowAsyncCommit: true}, "synchronous_commit=off").Enqueue(w.ctx, pub, nil)
	require.NoError(t, err)
	_, err = w.with(pgstore.Config{}, "default_transaction_isolation=repeatable read").Claim(w.ctx, request(1))
	require.ErrorContains(t, err, "read committed")
}

func TestConfigIsChecked(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), "postgres://127.0.0.1:1/none")
	require.NoError(t, err)
	defer pool.Close()
	for _, name := range []string{"Upper", "1st", "a-b", `a"b`, "pg_own", strings.Repeat("x", 64), "ünï"} {
		_, err := pgstore.New(pool, pgstore.Config{Schema: name, Timeout: -1})
		require.ErrorContains(t, err, "Schema: ")
		require.ErrorContains(t, err, "Timeout: ")
		_, err = pgstore.Schema(pgstore.Config{Schema: name})
		require.ErrorContains(t, err, "Schema: ")
	}
	_, err = pgstore.New(nil, pgstore.Config{})
	require.Error(t, err)
	_, err = pgstore.New(pool, pgstore.Config{Schema: "order"})
	require.NoError(t, err, "a reserved word is quoted")
}

// Poolers in transaction mode lose prepared statements; these modes do without.
func TestEveryModeOfPgxServes(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			config := w.pool.Config()
			config.ConnConfig.DefaultQueryExecMode = mode
			pool, err := pgxpool.NewWithConfig(w.ctx, config)
			require.NoError(t, err)
			defer pool.Close()
			s, err := pgstore.New(pool, pgstore.Config{Schema: w.schema})
			require.NoError(t, err)
			pubs := awkward()
			for i := range pubs {
				pubs[i].Event.ID += mode.String()
			}
			r := request(5)
			r.Quota = map[string]int{"s": 5}
			results, claims, err := s.Enqueue(w.ctx, pubs, &r)
			require.NoError(t, err)
			for i := range results {
				require.NoError(t, results[i].Err)
			}
			c, err := s.Claim(w.ctx, request(len(pubs)))
			require.NoError(t, err)
			claims = append(claims, c.Claims...)
			require.Len(t, claims, len(pubs))
			var done []driver.Outcome
			for i, c := range claims {
				o := died(c)
				if i == 0 {
					o.Attempt = nil
				}
				done = append(done, o)
			}
			for range 2 {
				settled, err := s.Settle(w.ctx, done)
				require.NoError(t, err)
				require.True(t, settled[len(done)-1].Applied)
			}
			list, err := s.Deliveries(w.ctx, driver.DeliveryQuery{
				Org: "a", Subscription: "s", States: []driver.State{driver.StateDead},
				Since: time.Now().Add(-time.Hour),
				IDs:   []string{claims[1].Delivery.ID},
			})
			require.NoError(t, err)
			require.Len(t, list, 1)
			made, err := s.Replay(w.ctx, driver.ReplayRequest{DeliveryQuery: theOne(claims[1].Delivery.ID)})
			require.NoError(t, err)
			require.Len(t, made, 1)
			_, err = s.Attempts(w.ctx, "a", made[0].Old)
			require.NoError(t, err)
			_, err = s.Minutes(w.ctx, "a", "s", time.Hour)
			require.NoError(t, err)
			_, err = s.Counts(w.ctx, "a")
			require.NoError(t, err)
			_, err = s.Purge(w.ctx, driver.PurgeRequest{Finished: time.Hour, Identity: day, HeldMax: 1, Limit: 100})
			require.NoError(t, err)
			c, err = s.Claim(w.ctx, request(1))
			require.NoError(t, err)
			require.Len(t, c.Claims, 1)
			_, err = s.Settle(w.ctx, []driver.Outcome{delivered(c.Claims[0])})
			require.NoError(t, err)
		})
	}
}
