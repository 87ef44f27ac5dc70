package migrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// host is an application that keeps the schema among its own migrations.
type host struct {
	*testing.T
	dsn, schema string
	pool        *pgxpool.Pool
	files       string // the directory of its migrations
}

func newHost(t *testing.T) *host {
	h := &host{T: t, dsn: pgtest.DSN(t), files: t.TempDir()}
	h.schema = fmt.Sprintf("kh_migrate_%d_%s", os.Getpid(), strings.ToLower(filepath.Base(t.Name())))
	pool, err := pgxpool.New(t.Context(), h.dsn)
	require.NoError(t, err)
	h.pool = pool
	t.Cleanup(func() {
		_, err := pool.Exec(context.Background(),
			fmt.Sprintf("drop schema if exists %[1]s, %[1]s_own, %[1]s_host cascade", h.schema))
		pool.Close()
		require.NoError(t, err)
	})
	_, err = pool.Exec(t.Context(), "create schema "+h.schema+"_host")
	require.NoError(t, err)
	return h
}

// file is one migration of the host: what leads from a version to the next.
func (h *host) file(version int) (path string) {
	h.Helper()
	text, err := pgstore.SchemaFrom(pgstore.Config{Schema: h.schema}, version-1, version)
	require.NoError(h, err)
	path = filepath.Join(h.files, fmt.Sprintf("%05d_webhooks.sql", version))
	require.NoError(h, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// version is that of the schema as it stands.
func (h *host) version() (v int) {
	h.Helper()
	require.NoError(h, h.pool.QueryRow(h.Context(), "select version from "+h.schema+".meta").Scan(&v))
	return v
}

// objects are all definitions in a schema, with its name left out.
func (h *host) objects(schema string) string {
	h.Helper()
	var text string
	require.NoError(h, h.pool.QueryRow(h.Context(), `
		select replace(string_agg(d, E'\n' order by d), $1::text, 'x') from (
			select pg_get_functiondef(oid) as d from pg_proc where pronamespace = $1::text::regnamespace
			union all select pg_get_indexdef(indexrelid) from pg_index join pg_class c on c.oid = indexrelid
				where relnamespace = $1::text::regnamespace
			union all select c.relname || pg_get_constraintdef(k.oid) from pg_constraint k join pg_class c on c.oid = conrelid
				where connamespace = $1::text::regnamespace
			union all select concat_ws(' ', relname, attname, format_type(atttypid, atttypmod), attnotnull, reloptions)
				from pg_attribute join pg_class c on c.oid = attrelid
				where relnamespace = $1::text::regnamespace and attnum > 0 and not attisdropped) as all_of_them`, schema).Scan(&text))
	require.NotEmpty(h, text)
	return text
}

// serves demands that the schema is what Migrate makes, and that a store works on it.
func (h *host) serves() {
	h.Helper()
	require.Equal(h, pgstore.SchemaVersion, h.version())
	own, err := pgstore.New(h.pool, pgstore.Config{Schema: h.schema + "_own"})
	require.NoError(h, err)
	require.NoError(h, own.Migrate(h.Context()))
	require.Equal(h, h.objects(h.schema+"_own"), h.objects(h.schema))

	s, err := pgstore.New(h.pool, pgstore.Config{Schema: h.schema})
	require.NoError(h, err)
	require.NoError(h, s.Migrate(h.Context()), "nothing is left to do")
	_, err = s.PutSubscription(h.Context(), driver.SubscriptionRecord{
		Subscription: sender.Subscription{Org: "a", ID: "s", Status: sender.StatusActive}, Topics: []string{"x"},
	})
	require.NoError(h, err)
	_, _, err = s.Enqueue(h.Context(), []driver.Publication{{
		Org: "a", Event: envelope.Event{ID: "e", Source: envelope.Kirim, Type: "t", Body: []byte(`{}`)},
		Topics: []string{"x"},
	}}, nil)
	require.NoError(h, err)
	c, err := s.Claim(h.Context(), driver.ClaimRequest{Limit: 1, PerSubscription: 1, Lease: time.Minute})
	require.NoError(h, err)
	require.Len(h, c.Claims, 1)
}
