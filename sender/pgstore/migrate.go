package pgstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// migrations are the files of each version. What was released is never edited. A later version replaces a function where its
// arguments and answers stay, and else adds one, so that processes of the version before go on during a rolling deployment.
var migrations = [][]string{
	{"tables", "enqueue", "known", "claim", "settle", "directory", "replay", "purge"},
	{"v2/tables", "v2/enqueue", "v2/claim", "v2/directory", "v2/ending", "v2/settle", "v2/replay"},
}

// SchemaVersion is the version of the schema that this program needs. It goes on with a newer one.
const SchemaVersion = 2

// Schema returns the SQL that makes a fresh schema of [SchemaVersion], for hosts that migrate by tools of their own. It is
// what [Store.Migrate] would run, to be applied once. [SchemaFrom] says more.
func Schema(cfg Config) (string, error) { return SchemaFrom(cfg, 0, SchemaVersion) }

// SchemaFrom returns the SQL that leads from one version of the schema to a later one; 0 is a database without it. The text
// for two versions never changes, so that a host adds one file to its migrations when SchemaVersion rises, and a database
// made from all of them is like one that was led on.
//
// It has no transaction control: let the tool run a file in one transaction, as most do. A statement ends with a semicolon
// at the end of a line. Functions, which have some within, stand between the marks of goose, which are comments elsewhere.
// The text is a whole file of goose or psql; to other tools its marks are comments. There is no way down.
func SchemaFrom(cfg Config, from, to int) (string, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return "", fmt.Errorf("pgstore: config: %w", err)
	}
	if from < 0 || to > SchemaVersion || from >= to {
		return "", fmt.Errorf("pgstore: no way leads from version %d of the schema to %d: both are within 0 to %d, the later last",
			from, to, SchemaVersion)
	}
	s := newStatements(cfg)
	text := "-- +goose Up\n"
	if from == 0 {
		text += s.in("create schema if not exists {schema};\n")
	}
	return text + marked(s.script(cfg.Schema, from, to)), nil
}

// script leads from a version to another.
func (s *statements) script(channel string, from, to int) string {
	var b strings.Builder
	for _, names := range migrations[from:to] {
		for _, name := range names {
			b.WriteString(s.render(name, channel))
			b.WriteByte('\n')
		}
	}
	b.WriteString(s.in(fmt.Sprintf("update {schema}.meta set version = %d;\n", to)))
	return b.String()
}

// marked puts the marks around each statement that has a body in dollar quotes.
func marked(script string) string {
	var b, statement strings.Builder
	for line := range strings.Lines(script) {
		statement.WriteString(line)
		text := statement.String()
		code, _, _ := strings.Cut(line, "--")
		if strings.Count(text, "$$")%2 == 1 || !strings.HasSuffix(strings.TrimSpace(code), ";") {
			continue
		}
		if strings.Contains(text, "$$") {
			text = "-- +goose StatementBegin\n" + text + "-- +goose StatementEnd\n"
		}
		b.WriteString(text)
		statement.Reset()
	}
	return b.String()
}

// Migrate brings the schema to the version that this program needs; it does nothing where that is so already, or where
// the schema is newer. Call it at every start: of several processes at once one does the work and the others wait for it.
// The first time it needs the right to create the schema, unless that exists, and to create in it.
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
	there := false
	err = query(ctx, c, `select from pg_namespace where nspname = $1`, []any{s.cfg.Schema}, func(scanner) error { there = true; return nil })
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

// version is 0 where there is nothing yet.
func (s *Store) version(ctx context.Context, c *pgx.Conn) (version int, err error) {
	there := false
	err = query(ctx, c, `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = $1 and c.relname = 'meta'`, []any{s.cfg.Schema}, func(scanner) error { there = true; return nil })
	if err != nil || !there {
		return 0, err
	}
	err = query(ctx, c, s.sql.in(`select version from {schema}.meta`), nil, func(row scanner) error { return row.Scan(&version) })
	return version, err
}
