package sqlinbox_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

func TestConfigIsRefused(t *testing.T) {
	db := sqliteSource(t).open(t)
	for want, cfg := range map[string]sqlinbox.Config{
		"Config.Workers: -1 is negative":               {Workers: -1},
		"Config.Waits: number 1, 0s":                   {Waits: []time.Duration{1, 0}},
		"Config.Waits: 1001 of them":                   {Waits: make([]time.Duration, 1001)},
		"Config.SkipAfter: -1ns":                       {SkipAfter: -1},
		"Config.Lease: 1ms is less than 100ms":         {Lease: time.Millisecond},
		"Config.PollInterval: -1ns":                    {PollInterval: -1},
		"Config.ShutdownTimeout: -1ns":                 {ShutdownTimeout: -1},
		"Config.Retention: -1ns":                       {Retention: -1},
		"Config.DeadRetention: -1ns":                   {DeadRetention: -1},
		`Config.Table: table "a; drop table x": up to`: {Table: "a; drop table x"},
	} {
		_, err := sqlinbox.New(db, sqlinbox.SQLite, receiver.NewMux(), cfg)
		require.ErrorContains(t, err, want)
	}
	_, err := sqlinbox.New(db, sqlinbox.SQLite, receiver.NewMux(), sqlinbox.Config{Table: "other.inbox"})
	require.ErrorContains(t, err, "Config.Table")
	_, err = sqlinbox.New(nil, 0, nil, sqlinbox.Config{Workers: -1})
	for _, want := range []string{"a database is", "an EventHandler is", "no flavor Flavor(0)", "Config.Workers"} {
		require.ErrorContains(t, err, want)
	}
}

func TestTablesAreNeeded(t *testing.T) {
	for name, open := range sources {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			db := s.open(t)
			b, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
			require.NoError(t, err)
			require.ErrorIs(t, b.HandleEvent(t.Context(), fresh("")), sqlinbox.ErrNotMigrated)
			require.ErrorIs(t, b.Run(t.Context()), sqlinbox.ErrNotMigrated)
			_, err = b.Counts(t.Context())
			require.ErrorIs(t, err, sqlinbox.ErrNotMigrated)
			require.NoError(t, b.Migrate(t.Context()))
			require.NoError(t, b.HandleEvent(t.Context(), fresh("")))

			_, err = db.ExecContext(t.Context(), `update kirimhooks_inbox_meta set version = 99`)
			require.NoError(t, err)
			newer, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
			require.NoError(t, err)
			require.ErrorContains(t, newer.HandleEvent(t.Context(), fresh("")), "version 99")
			require.ErrorIs(t, newer.Migrate(t.Context()), sqlinbox.ErrNotMigrated)
		})
	}
}

func TestSchemaOfATableInASchema(t *testing.T) {
	text, err := sqlinbox.Schema(sqlinbox.Postgres, "app.inbox")
	require.NoError(t, err)
	require.Contains(t, text, "create table if not exists app.inbox (")
	require.Contains(t, text, "create index if not exists inbox_due on app.inbox ")
	require.Contains(t, text, "app.inbox_meta")
	require.NotContains(t, text, "{")
	_, err = sqlinbox.Schema(sqlinbox.Postgres, "a b")
	require.Error(t, err)
	_, err = sqlinbox.Schema(0, "")
	require.Error(t, err)
}

// What a crash may undo must not be acknowledged.
func TestRelaxedDatabaseIsRefused(t *testing.T) {
	sqlite, postgres := sqliteSource(t), postgresSource(t)
	sqlite.dsn = sqlite.dsn[:len(sqlite.dsn)-len("FULL)")] + "NORMAL)"
	postgres.dsn += "&synchronous_commit=off"
	for _, s := range []source{sqlite, postgres} {
		b, err := sqlinbox.New(s.open(t), s.flavor, receiver.NewMux(), sqlinbox.Config{})
		require.NoError(t, err)
		require.ErrorContains(t, b.Migrate(t.Context()), "MayLoseCommits")
		require.ErrorContains(t, b.HandleEvent(t.Context(), fresh("")), "MayLoseCommits")
		relaxed, err := sqlinbox.New(s.open(t), s.flavor, receiver.NewMux(), sqlinbox.Config{MayLoseCommits: true})
		require.NoError(t, err)
		require.NoError(t, relaxed.HandleEvent(t.Context(), fresh("")))
	}
}

func TestClosedDatabaseAsksTheSenderToComeAgain(t *testing.T) {
	s := sqliteSource(t)
	db, err := sql.Open(s.driver, s.dsn)
	require.NoError(t, err)
	b, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
	require.NoError(t, err)
	require.NoError(t, b.Migrate(t.Context()))
	require.NoError(t, db.Close())
	require.Error(t, b.HandleEvent(t.Context(), fresh("")))
	again, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
	require.NoError(t, err)
	err = again.HandleEvent(t.Context(), fresh(""))
	require.ErrorContains(t, err, "closed")
	require.NotErrorIs(t, err, sqlinbox.ErrNotMigrated)
}

func TestRunWaitsForItsDatabase(t *testing.T) {
	s := sqliteSource(t)
	db, err := sql.Open(s.driver, s.dsn)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	ctx, cancel := context.WithCancel(t.Context())
	failures := 0
	cfg := sqlinbox.Config{Logger: quiet}
	cfg.Hooks.StoreFailed = func(context.Context, string, error) {
		if failures++; failures == 2 {
			cancel()
		}
	}
	b, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), cfg)
	require.NoError(t, err)
	require.NoError(t, b.Run(ctx))
	require.Equal(t, 2, failures)
}
