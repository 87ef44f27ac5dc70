package tracker

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory is a [Store] in this process's memory, for tests and for programs that may forget. It grows until
// [Memory.Purge] is called; List and Purge look at every row.
type Memory struct {
	mu   sync.Mutex
	rows map[Key]Message
	byID map[string]map[Key]bool // by ID and by KirimID
}

var _ Store = (*Memory)(nil)

// NewMemory returns an empty Memory.
func NewMemory() *Memory {
	return &Memory{rows: make(map[Key]Message), byID: make(map[string]map[Key]bool)}
}

// Record implements [Store].
func (m *Memory) Record(ctx context.Context, statuses ...Status) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, s := range statuses {
		if _, err := s.Normalize(); err != nil {
			return fmt.Errorf("tracker: record: %w", err)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range statuses {
		before := m.rows[s.Key]
		m.unlink(before)
		m.link(before.Apply(s))
	}
	return nil
}

func (m *Memory) link(row Message) {
	m.rows[row.Key] = row
	for _, id := range []string{row.ID, row.KirimID} {
		if id == "" {
			continue
		}
		if m.byID[id] == nil {
			m.byID[id] = make(map[Key]bool)
		}
		m.byID[id][row.Key] = true
	}
}

func (m *Memory) unlink(row Message) {
	delete(m.rows, row.Key)
	for _, id := range []string{row.ID, row.KirimID} {
		if delete(m.byID[id], row.Key); len(m.byID[id]) == 0 {
			delete(m.byID, id)
		}
	}
}

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, id string) ([]Message, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Message
	for key := range m.byID[id] {
		found = append(found, m.rows[key])
	}
	slices.SortFunc(found, byKey)
	return found, nil
}

// List implements [Store].
func (m *Memory) List(ctx context.Context, q Query) ([]Message, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	q, err := q.Normalize()
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Message
	for row := range maps.Values(m.rows) {
		if row.Step == q.Step && row.Since.Before(q.Before) && bySince(row, q.After) > 0 {
			found = append(found, row)
		}
	}
	slices.SortFunc(found, bySince)
	return found[:min(len(found), q.Limit)], nil
}

// Purge implements [Store].
func (m *Memory) Purge(ctx context.Context, t time.Time) (int, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.rows)
	for row := range maps.Values(m.rows) {
		if row.Since.Before(t) {
			m.unlink(row)
		}
	}
	return before - len(m.rows), nil
}

func bySince(a, b Message) int { return cmp.Or(a.Since.Compare(b.Since), byKey(a, b)) }

func byKey(a, b Message) int { return a.Key.Compare(b.Key) }
