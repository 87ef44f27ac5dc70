package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/pgtest"
)

// eachStore runs a test on every store that there is, each time on an empty one.
func eachStore(t *testing.T, test func(t *testing.T, store string)) {
	t.Run("memory", func(t *testing.T) { test(t, "memory") })
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "platform.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, newDatabase(t)) })
}

// newDatabase makes a database that lasts as long as the test.
func newDatabase(t *testing.T) string {
	dsn, err := url.Parse(pgtest.DSN(t))
	require.NoError(t, err)
	name := "platform_" + strings.ToLower(rand.Text())
	admin := func(sql string) {
		conn, err := pgx.Connect(context.Background(), dsn.String())
		require.NoError(t, err)
		_, err = conn.Exec(context.Background(), sql)
		require.NoError(t, err)
		require.NoError(t, conn.Close(context.Background()))
	}
	admin("create database " + name)
	t.Cleanup(func() { admin("drop database " + name + " with (force)") })
	own := *dsn
	own.Path = "/" + name
	return own.String()
}

// Several processes may start at once on a store that has no tables yet.
func TestStartsTogether(t *testing.T) {
	eachStore(t, func(t *testing.T, store string) {
		if store == "memory" {
			t.Skip("memory is not shared")
		}
		var all []*process
		for range 4 {
			all = append(all, launch(t, "-store", store))
		}
		for _, p := range all {
			p.ready()
		}
		id, _ := all[0].subscribe("https://a.example/x", `["a.b"]`)
		for _, p := range all {
			require.Equal(t, id, p.list("webhook_subscriptions")[0]["id"])
		}
	})
}

// What cannot be opened is said, without the password.
func TestStoreThatIsNotThere(t *testing.T) {
	for _, store := range []string{
		"sqlite:" + filepath.Join(t.TempDir(), "missing", "platform.db"),
		"postgres://user:sesame@127.0.0.1:1/database?connect_timeout=5",
		"postgres://user:sesame@127.0.0.1:x/database",
		"postgres://user:sesame@[::1/database",
	} {
		var stderr bytes.Buffer
		require.Equal(t, 1, run(t.Context(), []string{"-addr", "127.0.0.1:0", "-store", store}, &stderr), store)
		require.Contains(t, stderr.String(), "platform: -store: ")
		require.NotContains(t, stderr.String(), "sesame")
		require.NotContains(t, stderr.String(), "listening")
	}
}
