package trackertest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

func newID() string { return "wamid." + rand.Text() }

func getFindsByEitherID(p *probe) {
	s := status(message("wamid.1"), tracker.Sent, 1)
	s.KirimID = "msg_1"
	p.record(s, status(message("wamid.2"), tracker.Sent, 1), status(message("msg_3"), tracker.Failed, 1))
	p.expect("wamid.1", applied(s))
	p.expect("msg_1", applied(s))
	p.expect("msg_3", applied(status(message("msg_3"), tracker.Failed, 1)))
	for _, id := range []string{"wamid.3", "WAMID.1", "", "1055"} {
		p.expect(id)
	}
	same := status(message("msg_4"), tracker.Failed, 1)
	same.KirimID = "msg_4"
	p.record(same)
	p.expect("msg_4", applied(same))
}

func listByStep(p *probe) {
	sent, delivered, failed := message("wamid.sent"), message("wamid.delivered"), message("wamid.failed")
	p.record(status(sent, tracker.Sent, 1), status(delivered, tracker.Sent, 1), status(delivered, tracker.Delivered, 2),
		status(failed, tracker.Sent, 1), status(failed, tracker.Failed, 2))
	for step, want := range map[tracker.Step][]string{
		tracker.Sent:      {"wamid.sent"},
		tracker.Delivered: {"wamid.delivered"},
		tracker.Read:      nil,
		tracker.Failed:    {"wamid.failed"},
	} {
		ids, row := p.list(tracker.Query{Step: step})
		require.Equal(p, want, ids, step)
		if step == tracker.Failed {
			require.Equal(p, applied(status(failed, tracker.Sent, 1), status(failed, tracker.Failed, 2)), row)
		}
	}
}

func listBefore(p *probe) {
	for i := range 5 {
		p.record(status(message(fmt.Sprint("wamid.", 5-i)), tracker.Sent, i))
	}
	ids, _ := p.list(tracker.Query{Step: tracker.Sent})
	require.Equal(p, []string{"wamid.5", "wamid.4", "wamid.3", "wamid.2", "wamid.1"}, ids, "the oldest first")
	ids, _ = p.list(tracker.Query{Step: tracker.Sent, Before: start.Add(2 * time.Second)})
	require.Equal(p, []string{"wamid.5", "wamid.4"}, ids, "before, not at")
	ids, _ = p.list(tracker.Query{Step: tracker.Sent, Before: start.Add(2*time.Second + time.Microsecond)})
	require.Len(p, ids, 3)
	// A step that was left counts no more.
	p.record(status(message("wamid.5"), tracker.Delivered, 60))
	ids, _ = p.list(tracker.Query{Step: tracker.Sent, Before: start.Add(2 * time.Second)})
	require.Equal(p, []string{"wamid.4"}, ids)
	ids, _ = p.list(tracker.Query{Step: tracker.Delivered, Before: start.Add(time.Minute)})
	require.Empty(p, ids, "the time is that of the furthest step")
}

func listPages(p *probe) {
	var want []string
	for i := range 103 { // many in one second, as after a campaign
		id := fmt.Sprintf("wamid.%03d", i)
		want = append(want, id)
		p.record(status(message(id), tracker.Sent, i/40))
	}
	for _, who := range []string{"", "1", "2"} { // one more message, in a group
		key := message("wamid.group")
		key.Participant = who
		p.record(status(key, tracker.Sent, 1000))
		want = append(want, key.ID)
	}
	ids, _ := p.list(tracker.Query{Step: tracker.Sent})
	require.Equal(p, want[:100], ids, "a hundred by default")
	for _, limit := range []int{1, 7, 1000} {
		var all []string
		q := tracker.Query{Step: tracker.Sent, Limit: limit}
		for {
			ids, last := p.list(q)
			require.LessOrEqual(p, len(ids), limit)
			if len(ids) == 0 {
				break
			}
			all = append(all, ids...)
			require.LessOrEqual(p, len(all), len(want), "pages overlap")
			q.After = last
		}
		require.True(p, slices.Equal(want, all), "in pages of %d: %d of %d messages", limit, len(all), len(want))
	}
}

func listRefuses(p *probe) {
	for _, q := range []tracker.Query{
		{}, {Step: "deleted"}, {Step: tracker.Sent, Limit: -1}, {Step: tracker.Sent, Limit: 1001},
	} {
		ctx, cancel := bounded()
		_, err := p.store.List(ctx, q)
		cancel()
		require.ErrorContains(p, err, "tracker: Query.")
	}
}

func purgeDeletesTheOld(p *probe) {
	old, read, recent := message("wamid.old"), message("wamid.read"), message("wamid.recent")
	group := old
	group.Participant = "6281200000001"
	sent := status(old, tracker.Sent, 1)
	sent.KirimID = "msg_1"
	p.record(sent, status(group, tracker.Delivered, 2), status(message("wamid.failed"), tracker.Failed, 3),
		status(read, tracker.Sent, 1), status(read, tracker.Read, 60), status(recent, tracker.Sent, 60))
	require.Zero(p, p.purge(start.Add(time.Second)))
	require.Equal(p, 3, p.purge(start.Add(time.Minute)))
	for _, id := range []string{"wamid.old", "wamid.failed", "msg_1"} {
		p.expect(id)
	}
	p.expect("wamid.read", applied(status(read, tracker.Sent, 1), status(read, tracker.Read, 60)))
	p.expect("wamid.recent", applied(status(recent, tracker.Sent, 60)))
	p.record(status(old, tracker.Read, 61))
	p.expect("wamid.old", applied(status(old, tracker.Read, 61)))

	var many []tracker.Status
	for range 1203 {
		many = append(many, status(message(newID()), tracker.Delivered, 1))
	}
	ctx, cancel := bounded()
	defer cancel()
	require.NoError(p, p.store.Record(ctx, many...))
	require.Equal(p, 1203, p.purge(start.Add(time.Minute)))
}

func endedContextChangesNothing(p *probe) {
	ended := errors.New("ended")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(ended)
	s := status(message("wamid.1"), tracker.Sent, 1)
	require.ErrorIs(p, p.store.Record(ctx, s), ended)
	p.expect("wamid.1")
	p.record(s)
	_, err := p.store.Get(ctx, "wamid.1")
	require.ErrorIs(p, err, ended)
	_, err = p.store.List(ctx, tracker.Query{Step: tracker.Sent})
	require.ErrorIs(p, err, ended)
	_, err = p.store.Purge(ctx, start.Add(time.Hour))
	require.ErrorIs(p, err, ended)
	p.expect("wamid.1", applied(s))
}
