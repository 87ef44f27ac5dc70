package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Migrate brings the schema to the version that this program needs; it does nothing where that is so already, or where
// the schema is newer. Call it at every start: of several processes at once one does the work and the others wait for
// it. The first time it needs the right to create the schema, unless that exists, and to create in it; later to alter
// what is there. It is one transaction. If it fails, also by a deadlock with those who still work, all is as it was:
// call it again.
//
// From version 1, first stop the programs that were built for it, then migrate, then start the new ones. Tables are
// renamed in place, and none is copied; events, unfinished_deliveries and attempts are each read once, and locked
// meanwhile. An old program that runs on is refused at every call, and one that is started at its first. It loses
// nothing: what it still had in flight is claimed again when its lease ends, so that an endpoint may get that twice.
func (s *Store) Migrate(ctx context.Context) (err error) {
	defer wrap(&err, "migrate")
	err = s.run(ctx, func(c *pgx.Conn) error {
		version, err := s.version(ctx, c)
		if err != nil || version >= SchemaVersion {
			return err
		}
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error { return s.migrate(ctx, c, tx) })
	})
	if err != nil {
		return err
	}
	_, err = s.open(ctx)
	return err
}

func (s *Store) migrate(ctx context.Context, c *pgx.Conn, tx pgx.Tx) error {
	lock := s.sql.in(`select pg_advisory_xact_lock(hashtextextended($1, 0))::text from {durable}`)
	if err := query(ctx, c, lock, []any{s.cfg.Schema + ".migrate"}, func(scanner) error { return nil }); err != nil {
		return err
	}
	version, err := s.version(ctx, c)
	if err != nil || version >= SchemaVersion {
		return err
	}
	there, err := exists(ctx, c, `select from pg_namespace where nspname = $1`, s.cfg.Schema)
	if err != nil {
		return err
	}
	if !there { // "if not exists" would ask for the right to create even where the schema exists
		if _, err := tx.Exec(ctx, s.sql.in(`create schema {schema}`)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, s.sql.script(s.cfg.Schema, version, SchemaVersion))
	return err
}

// version is 0 where there is nothing yet. The table has this name and column in every version.
func (s *Store) version(ctx context.Context, c *pgx.Conn) (version int, err error) {
	there, err := exists(ctx, c, `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = $1 and c.relname = 'meta'`, s.cfg.Schema)
	if err != nil || !there {
		return 0, err
	}
	read := func(row scanner) error { return row.Scan(&version) }
	err = query(ctx, c, s.sql.in(`select version from {schema}.meta`), nil, read)
	return version, err
}

// exists reports whether a query has a row.
func exists(ctx context.Context, c *pgx.Conn, text string, args ...any) (there bool, err error) {
	err = query(ctx, c, text, args, func(scanner) error { there = true; return nil })
	return there, err
}
