package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/pgtest"
)

// TestMain lets a test run the services: a copy of the test binary with this variable set is one.
func TestMain(m *testing.M) {
	if os.Getenv(taskVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// A short run of everything, over each database.
func TestChain(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for leases to run out")
	}
	for name, args := range map[string]func(t *testing.T) []string{
		"sqlite":   func(*testing.T) []string { return nil },
		"postgres": func(t *testing.T) []string { return []string{"-postgres", pgtest.DSN(t)} },
		"crash": func(t *testing.T) []string {
			dsn := pgtest.Start(t).DSN()
			db, err := sql.Open("pgx", dsn)
			require.NoError(t, err)
			defer db.Close()
			_, err = db.ExecContext(t.Context(), `alter database postgres set chain.may_crash = on`)
			require.NoError(t, err)
			return []string{"-crash", "-postgres", dsn}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append(args(t), "-events", "300", "-kills", "6"), &stdout, &stderr)
			t.Log(stdout.String())
			require.Empty(t, stderr.String())
			require.Zero(t, code)
			lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
			require.Equal(t, "CHAIN events=300 kills=6 lost=0 doubled=0 disordered=0", lines[len(lines)-1])
		})
	}
}

// Who interrupts it finds nothing left behind.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var stdout, stderr bytes.Buffer
	code := make(chan int, 1)
	go func() { code <- run(ctx, []string{"-events", "1000000"}, &stdout, &stderr) }()
	require.Eventually(t, func() bool {
		found, err := filepath.Glob(filepath.Join(dir, "chain-*", "ledger.db-wal"))
		return err == nil && len(found) == 1
	}, time.Minute, 10*time.Millisecond)
	interrupt()
	require.Equal(t, 1, <-code)
	require.Equal(t, "chain: interrupted\n", stderr.String())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestStartsOnlyProperly(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"events":     {[]string{"-events", "0"}, 2, []string{"-events 0"}},
		"kills":      {[]string{"-kills", "-1"}, 2, []string{"-kills -1"}},
		"postgres":   {[]string{"-postgres", "host=hidden"}, 2, []string{"postgres://user:password@host/database"}},
		"no URL":     {[]string{"-postgres", "postgres://hidden:%zz@h"}, 1, []string{"-postgres"}},
		"no server":  {[]string{"-postgres", "postgres://u:hidden@127.0.0.1:1/d"}, 1, []string{"-postgres", "connect"}},
		"crash":      {[]string{"-crash"}, 2, []string{"-crash", "-postgres"}},
		"argument":   {[]string{"start"}, 2, []string{`"start"`}},
		"not a flag": {[]string{"-port", "1"}, 2, []string{"-port", "see -h"}},
		"help":       {[]string{"-h"}, 0, []string{"-events", "-kills", "-postgres", "-crash"}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, c.code, run(t.Context(), c.args, &stdout, &stderr))
			for _, text := range c.want {
				require.Contains(t, stderr.String(), text)
			}
			require.Empty(t, stdout.String())
			require.NotContains(t, stderr.String(), "hidden")
		})
	}
}

// Nobody's server goes down because of an address that was mistaken.
func TestCrashesOnlyAServerThatAllowsIt(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 1, run(t.Context(), []string{"-crash", "-postgres", pgtest.DSN(t)}, &stdout, &stderr))
	require.Contains(t, stderr.String(), `alter database "postgres" set chain.may_crash = on`)
}

// A run makes databases of its own, and removes them.
func TestDatabasesOfARun(t *testing.T) {
	s, err := newServer(t.Context(), pgtest.DSN(t), false)
	require.NoError(t, err)
	db, err := sql.Open("pgx", s.url.String())
	require.NoError(t, err)
	defer db.Close()
	count := func() (n int) {
		require.NoError(t, db.QueryRowContext(t.Context(),
			`select count(*) from pg_database where datname like $1`, s.name+"%").Scan(&n))
		return n
	}
	require.Equal(t, 2, count())
	require.NoError(t, s.remove())
	require.Zero(t, count())
}
