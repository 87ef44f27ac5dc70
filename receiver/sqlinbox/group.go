package sqlinbox

import (
	"context"
	"database/sql"
	"sync"
)

// group is the statements that wait for the writer's turn. Who gets it writes all of them in one transaction, so that
// callers in company share a commit and one alone waits for nobody.
type group struct {
	mu      sync.Mutex
	waiting []*member
}

// member is one statement of a group.
type member struct {
	text    string
	values  values
	changed int64
	err     error
	done    chan struct{}
}

// write runs one statement durably and returns how many rows it changed. If ctx ends first, it may still be written.
func (d *database) write(ctx context.Context, text string, v values) (int64, error) {
	if !d.grouped {
		return d.exec(ctx, nil, text, v)
	}
	m := &member{text: text, values: v, done: make(chan struct{})}
	d.group.mu.Lock()
	d.group.waiting = append(d.group.waiting, m)
	d.group.mu.Unlock()
	select {
	case <-m.done:
	case <-ctx.Done():
		return 0, ctx.Err()
	case d.turn <- struct{}{}:
		d.writeGroup(context.WithoutCancel(ctx))
		<-d.turn
	}
	select {
	case <-m.done: // by us, or by the one who had the turn before
		return m.changed, m.err
	default:
		panic("sqlinbox: a group left a member out")
	}
}

// writeGroup writes all that wait. A statement that fails, which takes a full or broken disk, fails them all.
func (d *database) writeGroup(ctx context.Context) {
	d.group.mu.Lock()
	members := d.group.waiting
	d.group.waiting = nil
	d.group.mu.Unlock()
	if len(members) == 0 {
		return
	}
	err := d.writeAll(ctx, members)
	for _, m := range members {
		m.err = err
		close(m.done)
	}
}

func (d *database) writeAll(ctx context.Context, members []*member) (err error) {
	var tx *sql.Tx
	if tx, err = d.begin(ctx); err != nil {
		return err
	}
	defer d.catchUp(ctx)
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	for _, m := range members {
		if m.changed, err = d.exec(ctx, tx, m.text, m.values); err != nil {
			return err
		}
	}
	return tx.Commit()
}
