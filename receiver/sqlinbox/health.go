package sqlinbox

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Condition is how this process does, as [Inbox.Health] finds it.
type Condition struct {
	Latency   time.Duration // of the database's answer
	OldestDue time.Duration // how long the event has been due that has been for longest; 0: none is
	Running   bool          // Run has been called, and has not returned yet
	Stopping  bool          // Run's context has ended: no more is taken, here; it stays so when Run has returned
}

// What is next in a lane or in none, and what no Run has put into its lane yet.
const sqlOldestDue = `select {now},
	(select min(due) from {t} where stage = 2), (select min(due) from {t} where stage = 0)`

// healthTimeout bounds how long Health asks.
const healthTimeout = 10 * time.Second

// Health asks the database and looks at Run. An error means that the database did not answer within ctx and 10 s, or
// does not have the tables; Running and Stopping are set all the same. An event that fails is due when its wait is
// over; one behind it in its lane is not. OldestDue costs two look-ups in an index.
func (b *Inbox) Health(ctx context.Context) (Condition, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	began := time.Now()
	oldest, err := b.oldestDue(ctx)
	c := b.condition()
	c.Latency, c.OldestDue = time.Since(began), oldest
	if err != nil {
		return c, fmt.Errorf("sqlinbox: health: %w", bare(err))
	}
	return c, nil
}

func (b *Inbox) oldestDue(ctx context.Context) (time.Duration, error) {
	if err := b.check(ctx); err != nil {
		return 0, err
	}
	var now int64
	var next, arrived sql.NullInt64
	if _, err := b.db.row(ctx, nil, sqlOldestDue, nil, &now, &next, &arrived); err != nil {
		return 0, err
	}
	micros := int64(0)
	for _, due := range []sql.NullInt64{next, arrived} {
		if due.Valid {
			micros = max(micros, now-due.Int64)
		}
	}
	return time.Duration(micros) * time.Microsecond, nil
}

// condition is what can be told without the database.
func (b *Inbox) condition() Condition {
	if running := b.ended.Load(); running != nil {
		return Condition{Running: true, Stopping: (*running)() != nil}
	}
	return Condition{Stopping: b.ran.Load()}
}

// run says where Run stands, in a word.
func (c Condition) run() string {
	switch {
	case c.Running && c.Stopping:
		return "stopping"
	case c.Running:
		return "running"
	case c.Stopping:
		return "stopped"
	default:
		return "not started"
	}
}
