package sqltracker

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

const getText = "select {columns} from {t} where message_id = ? union all " +
	"select {columns} from {t} where kirim_id = ? and message_id <> ? order by {order}"

func (s *Store) find(ctx context.Context, begin begin, id string) ([]tracker.Message, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("sqltracker: get: %w", context.Cause(ctx))
	}
	tx, err := begin(ctx)
	var rows []row
	if err == nil {
		rows, err = s.get.read(ctx, tx, id, id, id)
	}
	if err != nil {
		return nil, fmt.Errorf("sqltracker: get: %w", err)
	}
	return messages(rows), nil
}

// listText is the same to an index in either form: one range of it, which begins after the page before.
func (w *words) listText() string {
	after := "(since, {order}) > (?, ?, ?, ?, ?)"
	if w.spelled {
		after = "(since > ? or since = ? and (message_id > ? or message_id = ? and (participant > ? or " +
			"participant = ? and (source > ? or source = ? and line > ?))))"
	}
	return "select {columns} from {t} where step = ? and since < ? and " + after + " order by since, {order} limit ?"
}

// after is the arguments of listText for the last message of the page before. Before the first are the zero time and
// texts.
func (w *words) after(m tracker.Message) []any {
	since, source := m.Since.UnixMicro(), string(m.Source)
	if w.spelled {
		return []any{since, since, m.ID, m.ID, m.Participant, m.Participant, source, source, m.Line}
	}
	return []any{since, m.ID, m.Participant, source, m.Line}
}

func (s *Store) page(ctx context.Context, begin begin, q tracker.Query) ([]tracker.Message, error) {
	q, err := q.Normalize()
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("sqltracker: list: %w", err)
	}
	tx, err := begin(ctx)
	var rows []row
	if err == nil {
		rows, err = s.list.read(ctx, tx, s.listArgs(q)...)
	}
	if err != nil {
		return nil, fmt.Errorf("sqltracker: list: %w", err)
	}
	return messages(rows), nil
}

func (s *Store) listArgs(q tracker.Query) []any {
	args := append([]any{string(q.Step), q.Before.UnixMicro()}, s.flavor.words().after(q.After)...)
	return append(args, q.Limit)
}
