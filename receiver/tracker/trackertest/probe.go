package trackertest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// probe asks a store, and fails the case where the answer is an error that was not expected.
type probe struct {
	T
	store tracker.Store
}

// start is when messages are sent.
var start = time.Date(2026, 7, 2, 8, 0, 0, 0, time.UTC)

func message(id string) tracker.Key { return tracker.Key{Source: envelope.Meta, Line: "1055", ID: id} }

// status is of step so many seconds after the start.
func status(key tracker.Key, step tracker.Step, seconds int) tracker.Status {
	s := tracker.Status{Key: key, Step: step, At: start.Add(time.Duration(seconds) * time.Second)}
	if step == tracker.Failed {
		s.Code, s.Reason = 131026, "Message undeliverable"
	}
	return s
}

// applied is what a row must say.
func applied(statuses ...tracker.Status) (m tracker.Message) {
	for _, s := range statuses {
		m = m.Apply(s)
	}
	return m
}

func bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 20*time.Second)
}

func (p *probe) record(statuses ...tracker.Status) {
	p.Helper()
	for _, s := range statuses {
		ctx, cancel := bounded()
		require.NoError(p, p.store.Record(ctx, s), "Record")
		cancel()
	}
}

func (p *probe) get(id string) []tracker.Message {
	p.Helper()
	ctx, cancel := bounded()
	defer cancel()
	rows, err := p.store.Get(ctx, id)
	require.NoError(p, err, "Get")
	return rows
}

// expect demands the rows of a message.
func (p *probe) expect(id string, want ...tracker.Message) {
	p.Helper()
	got := p.get(id)
	require.Len(p, got, len(want), "rows of %q", id)
	for i := range want {
		require.Equal(p, want[i], got[i])
	}
}

func (p *probe) list(q tracker.Query) (ids []string, last tracker.Message) {
	p.Helper()
	ctx, cancel := bounded()
	defer cancel()
	rows, err := p.store.List(ctx, q)
	require.NoError(p, err, "List")
	for _, row := range rows {
		ids = append(ids, row.ID)
		last = row
	}
	return ids, last
}

func (p *probe) purge(t time.Time) int {
	p.Helper()
	ctx, cancel := bounded()
	defer cancel()
	n, err := p.store.Purge(ctx, t)
	require.NoError(p, err, "Purge")
	return n
}
