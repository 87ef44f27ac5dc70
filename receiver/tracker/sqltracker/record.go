package sqltracker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

const (
	lookText   = "select {columns} from {t} where {key}"
	holdText   = lookText + " {lock}"
	insertText = "insert into {t} ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) {present}"
	updateText = "update {t} set step = ?, since = ?, sent_at = ?, delivered_at = ?, read_at = ?, played_at = ?, " +
		"failed_at = ?, recipient = ?, user_id = ?, kirim_id = ?, code = ?, reason = ?, version = version + 1 " +
		"where {key} and version = ?"
)

func (s *Store) record(ctx context.Context, begin begin, statuses []tracker.Status) error {
	if err := s.apply(ctx, begin, statuses); err != nil {
		return fmt.Errorf("sqltracker: record: %w", err)
	}
	return nil
}

// apply goes through the messages in the order of their keys, as everybody does who holds rows in a transaction.
func (s *Store) apply(ctx context.Context, begin begin, statuses []tracker.Status) error {
	byMessage := make(map[tracker.Key][]tracker.Status, len(statuses))
	for _, status := range statuses {
		if _, err := status.Normalize(); err != nil {
			return err
		}
		byMessage[status.Key] = append(byMessage[status.Key], status)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(statuses) == 0 {
		return nil // for which no transaction need begin
	}
	tx, err := begin(ctx)
	if err != nil {
		return err
	}
	advance := func(tx *sql.Tx) error {
		for _, key := range slices.SortedFunc(maps.Keys(byMessage), tracker.Key.Compare) {
			if err := s.advance(ctx, tx, key, byMessage[key]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(byMessage) == 1 {
		return advance(tx)
	}
	return s.within(ctx, tx, advance) // which share a commit
}

// rounds is how often a row is read again because another wrote it between the reading and the writing. Each time
// somebody has come further, unless what is read is not what was written.
const rounds = 100

var errRestless = errors.New("the row changes faster than it can be read; is this a replica?")

// advance reads the row of one message, and writes it if statuses change it.
func (s *Store) advance(ctx context.Context, tx *sql.Tx, k tracker.Key, statuses []tracker.Status) error {
	look := s.look
	if tx != nil {
		look = s.hold
	}
	for range rounds {
		found, err := look.read(ctx, tx, key(k)...)
		if err != nil {
			return err
		}
		var before row
		if len(found) > 0 {
			before = found[0]
		}
		after := before.Message
		for _, status := range statuses {
			after = after.Apply(status)
		}
		if after == before.Message {
			return nil
		}
		if written, err := s.write(ctx, tx, after, before.version); err != nil || written {
			return err
		}
	}
	return errRestless
}

// write reports false where the row has come, changed or gone since it was read.
func (s *Store) write(ctx context.Context, tx *sql.Tx, m tracker.Message, version int64) (bool, error) {
	var rows int64
	var err error
	if version == 0 {
		rows, err = s.insert.exec(ctx, tx, append(key(m.Key), content(m)...)...)
	} else {
		rows, err = s.update.exec(ctx, tx, append(append(content(m), key(m.Key)...), version)...)
	}
	return rows == 1, err
}
