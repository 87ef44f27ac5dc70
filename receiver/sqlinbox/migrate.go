package sqlinbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// schemaVersion is that of the tables this program reads and writes.
const schemaVersion = 1

// Schema is the SQL that [Inbox.Migrate] runs on a database without the tables, for a host whose own tool makes them.
// table is Config.Table, "" for its default.
func Schema(f Flavor, table string) (string, error) {
	t := f.traits()
	if t == nil {
		return "", fmt.Errorf("sqlinbox: schema: no flavor %v", f)
	}
	name := tableName(orDefault(table))
	if err := name.check(f); err != nil {
		return "", fmt.Errorf("sqlinbox: schema: %w", err)
	}
	names := strings.NewReplacer("{t}", name.events(), "{meta}", name.meta(), "{name}", name.bare())
	return names.Replace(t.schema), nil
}

// Migrate makes the tables where they are not there. Call it at every start; several processes may at once.
func (b *Inbox) Migrate(ctx context.Context) error {
	text, err := Schema(b.flavor, b.cfg.Table)
	if err != nil {
		return err
	}
	if err := b.migrate(ctx, text); err != nil {
		return fmt.Errorf("sqlinbox: migrate: %w", err)
	}
	return nil
}

func (b *Inbox) migrate(ctx context.Context, text string) error {
	if b.check(ctx) == nil {
		return nil // which a role without the right to create can see
	}
	for statement := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if err := b.define(ctx, statement); err != nil {
			return err
		}
	}
	return b.check(ctx)
}

// define runs one statement that changes nothing when it is repeated. In Postgres two at once can both find a table
// missing; the one that loses finds it the second time.
func (b *Inbox) define(ctx context.Context, statement string) (err error) {
	for range 3 {
		err = untilFree(ctx, func() error {
			_, err := b.db.db.ExecContext(ctx, statement)
			return err
		})
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// check looks once whether the tables are there and commits are on disk.
func (b *Inbox) check(ctx context.Context) error {
	if b.db.ready.Load() {
		return nil
	}
	version, found, err := b.version(ctx)
	if err != nil && b.db.db.PingContext(ctx) == nil {
		if version, found, err = b.version(ctx); err != nil { // it is there, and was so before
			return fmt.Errorf("%w: %w", ErrNotMigrated, err)
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %w", errAway, err)
	case !found:
		return ErrNotMigrated
	case version != schemaVersion:
		return fmt.Errorf("%w: they are of version %d, this program needs %d", ErrNotMigrated, version, schemaVersion)
	}
	if err := b.checkDurable(ctx); err != nil {
		return err
	}
	b.db.ready.Store(true)
	return nil
}

// errAway: the database does not answer, so that nothing is known of its tables.
var errAway = errors.New("sqlinbox: the database does not answer")

func (b *Inbox) version(ctx context.Context) (version int, found bool, err error) {
	found, err = b.db.row(ctx, nil, `select version from {meta} where id = 1`, nil, &version)
	return version, found, err
}

// checkDurable refuses a database under which an event that was acknowledged could be gone after a power cut.
func (b *Inbox) checkDurable(ctx context.Context) error {
	if b.cfg.MayLoseCommits {
		return nil
	}
	var setting sql.NullString
	if err := b.db.db.QueryRowContext(ctx, b.db.durable).Scan(&setting); err != nil {
		return fmt.Errorf("%w: %w", errAway, err)
	}
	if b.db.relaxed[setting.String] {
		const text = "sqlinbox: a crash may undo commits of %s: (%s) is %q; change it, or set Config.MayLoseCommits"
		return fmt.Errorf(text, b.flavor, b.db.durable, setting.String)
	}
	return nil
}
