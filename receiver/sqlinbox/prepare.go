package sqlinbox

import (
	"context"
	"database/sql"
	"maps"
	"slices"
)

// stmt returns s prepared, where that saves a round trip. A list has too many forms to keep. In a transaction nothing is
// prepared, since that takes a second connection, which may never come: it is made up for by catchUp.
func (d *database) stmt(ctx context.Context, tx *sql.Tx, s *statement) (*sql.Stmt, error) {
	if !d.prepares || s.long {
		return nil, nil
	}
	d.mu.Lock()
	stmt := d.prepared[s]
	if stmt == nil && tx != nil {
		d.missed[s] = true
	}
	d.mu.Unlock()
	if stmt != nil || tx != nil {
		return stmt, nil
	}
	return d.prepare(ctx, s)
}

// prepare prepares s. Of two that do so at the same time one stays.
func (d *database) prepare(ctx context.Context, s *statement) (*sql.Stmt, error) {
	stmt, err := d.db.PrepareContext(ctx, s.text)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.missed, s)
	if before := d.prepared[s]; before != nil {
		_ = stmt.Close()
		return before, nil
	}
	d.prepared[s] = stmt
	return stmt, nil
}

// catchUp prepares what ran in a transaction that has ended. What fails will be missed again.
func (d *database) catchUp(ctx context.Context) {
	d.mu.Lock()
	missed := slices.Collect(maps.Keys(d.missed))
	clear(d.missed)
	d.mu.Unlock()
	for _, s := range missed {
		_, _ = d.prepare(ctx, s)
	}
}
