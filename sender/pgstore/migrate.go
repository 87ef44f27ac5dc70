package pgstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// migrations are the files of each version. What was released is never edited: a function that changes gets a new name,
// so that processes of the version before go on during a rolling deployment.
var migrations = [][]string{
	{"tables", "enqueue", "known", "claim", "settle", "directory", "replay", "purge"},
}

// Schema returns the SQL that makes a fresh schema, for hosts that migrate by tools of their own. It is what
// [Store.Migrate] would run, to be applied once.
func Schema(cfg Config) (string, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return "", fmt.Errorf("pgstore: config: %w", err)
	}
	s := newStatements(cfg.Schema)
	return "begin;\n\n" + s.in("create schema if not exists {schema};\n\n") + s.script(cfg.Schema, 0) + "\ncommit;\n", nil
}

// script leads from a version to the newest.
func (s *statements) script(channel string, from int) string {
	var b strings.Builder
	for _, names := range migrations[from:] {
		for _, name := range names {
			b.WriteString(s.render(name, channel))
			b.WriteByte('\n')
		}
	}
	b.WriteString(s.in(fmt.Sprintf("update {schema}.meta set version = %d;\n", len(migrations))))
	return b.String()
}

// Migrate brings the schema to the version that this program needs; it does nothing where that is so already, or where
// the schema is newer. Call it at every start: of several processes at once one does the work and the others wait for it.
// The first time it needs the right to create the schema, unless that exists, and to create in it.
func (s *Store) Migrate(ctx context.Context) (err error) {
	defer wrap(&err, "migrate")
	version, err := s.version(ctx, s.pool)
	if err == nil && version < len(migrations) {
		err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.migrate(ctx, tx) })
	}
	if err != nil {
		return err
	}
	_, err = s.open(ctx)
	return err
}

func (s *Store) migrate(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, s.cfg.Schema+".migrate"); err != nil {
		return err
	}
	version, err := s.version(ctx, tx)
	if err != nil || version >= len(migrations) {
		return err
	}
	var there bool
	if err := tx.QueryRow(ctx, `select exists (select 1 from pg_namespace where nspname = $1)`, s.cfg.Schema).Scan(&there); err != nil {
		return err
	}
	if !there { // "if not exists" would ask for the right to create even where the schema exists
		if _, err := tx.Exec(ctx, s.sql.in(`create schema {schema}`)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, s.sql.script(s.cfg.Schema, version))
	return err
}

// version is 0 where there is nothing yet.
func (s *Store) version(ctx context.Context, conn interface {
	QueryRow(context.Context, string, ...any) pgx.Row
}) (version int, err error) {
	var there bool
	err = conn.QueryRow(ctx, `select exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = $1 and c.relname = 'meta')`, s.cfg.Schema).Scan(&there)
	if err != nil || !there {
		return 0, err
	}
	err = conn.QueryRow(ctx, s.sql.in(`select version from {schema}.meta`)).Scan(&version)
	return version, err
}
