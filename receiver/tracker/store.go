package tracker

import (
	"context"
	"fmt"
	"time"
)

// Store keeps the rows. [Memory] is one, and package sqltracker has one for Postgres, SQLite, MySQL and MariaDB; package
// trackertest says when another is correct.
// Implementations are safe for concurrent use.
type Store interface {
	// Record applies statuses, see [Message.Apply], each atomically: writers at once lose nothing of one another. One
	// that [Status.Normalize] refuses is an error, and nothing is recorded. After another error some may have been:
	// record all of them again.
	Record(ctx context.Context, statuses ...Status) error
	// Get returns the rows of a message by its ID or its KirimID: the message as a whole first, then the participants
	// of a group. An unknown one has none, which is no error.
	Get(ctx context.Context, id string) ([]Message, error)
	// List returns the messages that stand at a step, those first that came to it first.
	List(ctx context.Context, q Query) ([]Message, error)
	// Purge deletes the rows whose Since is before t, and returns how many.
	Purge(ctx context.Context, t time.Time) (int, error)
}

// Query selects messages by how far they have come.
type Query struct {
	// Step is their furthest step: Sent finds what was not delivered, Delivered what was not read, Failed what failed.
	// Required.
	Step Step
	// Before finds only messages that came to Step before it. Defaults to all.
	Before time.Time
	// After is the last message of the page before. Defaults to the first page.
	After Message
	// Limit is how many messages a page has at most, up to 1,000. Defaults to 100.
	Limit int
}

// The latest that any store can tell.
var never = time.Unix(year10000, 0).UTC()

// Normalize returns q with its defaults, for stores. It fails where Step is none or Limit not possible.
func (q Query) Normalize() (Query, error) {
	switch {
	case !q.Step.known():
		return q, fmt.Errorf("tracker: Query.Step: %q is none", string(q.Step))
	case q.Limit < 0 || q.Limit > 1000:
		return q, fmt.Errorf("tracker: Query.Limit: %d is not in 0 to 1,000", q.Limit)
	case q.Limit == 0:
		q.Limit = 100
	}
	if q.Before.IsZero() || q.Before.After(never) {
		q.Before = never
	}
	return q, nil
}
