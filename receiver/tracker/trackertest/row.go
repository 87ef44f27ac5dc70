package trackertest

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// whole is a message that went all the way.
func whole(id string) []tracker.Status {
	key := message(id)
	return []tracker.Status{
		status(key, tracker.Sent, 1), status(key, tracker.Delivered, 2), status(key, tracker.Read, 3),
		status(key, tracker.Played, 4),
	}
}

func oneRowOfAllSteps(p *probe) {
	for i, s := range whole("wamid.1") {
		p.record(s)
		p.expect("wamid.1", applied(whole("wamid.1")[:i+1]...))
	}
	row := p.get("wamid.1")[0]
	require.Equal(p, tracker.Played, row.Step)
	require.Equal(p, start.Add(4*time.Second), row.Since)
	require.Equal(p, start.Add(1*time.Second), row.SentAt)
}

func lateStatusesDoNotTurnBack(p *probe) {
	statuses := whole("wamid.1")
	for i := range statuses {
		p.record(statuses[len(statuses)-1-i])
		row := p.get("wamid.1")[0]
		require.Equal(p, tracker.Played, row.Step)
		require.Equal(p, start.Add(4*time.Second), row.Since)
	}
	p.expect("wamid.1", applied(statuses...))
}

func repeatedStatusesChangeNothing(p *probe) {
	key := message("wamid.1")
	p.record(status(key, tracker.Delivered, 2))
	p.record(status(key, tracker.Delivered, 2))
	p.record(status(key, tracker.Delivered, 60))
	p.expect(key.ID, applied(status(key, tracker.Delivered, 2)))
	p.record(status(key, tracker.Delivered, 1))
	p.expect(key.ID, applied(status(key, tracker.Delivered, 1)))
}

func failedIsFinal(p *probe) {
	for i, later := range []tracker.Step{tracker.Delivered, tracker.Read, tracker.Played} {
		key := message("wamid." + string(later))
		p.record(status(key, tracker.Sent, 1), status(key, tracker.Failed, 2), status(key, later, 3+i))
		row := p.get(key.ID)[0]
		require.Equal(p, tracker.Failed, row.Step)
		require.Equal(p, start.Add(2*time.Second), row.Since)
		require.Equal(p, 131026, row.Code)
		require.Equal(p, "Message undeliverable", row.Reason)
		p.expect(key.ID, applied(status(key, tracker.Sent, 1), status(key, tracker.Failed, 2), status(key, later, 3+i)))
	}
}

func failedAfterArrivalChangesNothing(p *probe) {
	for _, before := range []tracker.Step{tracker.Delivered, tracker.Read, tracker.Played} {
		for _, failed := range []int{2, 3} { // in the same second too
			key := message("wamid." + string(before) + []string{2: "same", 3: "later"}[failed])
			p.record(status(key, tracker.Failed, failed), status(key, before, 2))
			row := p.get(key.ID)[0]
			require.Equal(p, before, row.Step)
			require.Equal(p, start.Add(2*time.Second), row.Since)
		}
	}
}

func firstFailureIsTold(p *probe) {
	first, second := status(message("wamid.1"), tracker.Failed, 1), status(message("wamid.1"), tracker.Failed, 2)
	second.Code, second.Reason = 130472, "A second one, Which Is Greater"
	p.record(second, first, second)
	p.expect("wamid.1", applied(first))

	for _, fails := range [][2]tracker.Status{{first, second}, {second, first}} {
		one, other := fails[0], fails[1]
		one.ID, other.ID = "wamid."+one.Reason, "wamid."+one.Reason
		other.At = one.At
		p.record(one, other)
		p.expect(one.ID, applied(one, other))
		other.Code = one.Code
		one.ID, other.ID = "wamid.code."+one.Reason, "wamid.code."+one.Reason
		p.record(one, other)
		p.expect(one.ID, applied(one, other))
	}
}

// random is a message of some statuses, of which some repeat another at another time.
func random(r *rand.Rand, key tracker.Key) []tracker.Status {
	steps := []tracker.Step{tracker.Sent, tracker.Delivered, tracker.Read, tracker.Played, tracker.Failed}
	statuses := make([]tracker.Status, 1+r.IntN(6))
	for i := range statuses {
		s := status(key, steps[r.IntN(len(steps))], r.IntN(4))
		s.Recipient = []string{"", "6281200000001", "6281200000002"}[r.IntN(3)]
		s.UserID = []string{"", "ID.1"}[r.IntN(2)]
		s.KirimID = []string{"", "msg_" + key.ID, "msg_2" + key.ID}[r.IntN(3)]
		s.Code += r.IntN(2)
		s.Reason += []string{"", ": b", ": ä"}[r.IntN(3)]
		statuses[i] = s
	}
	return statuses
}

func anyOrderGivesTheSameRow(p *probe) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		key := message(newID())
		statuses := random(r, key)
		want := applied(statuses...)
		for range 4 {
			key.ID = newID()
			shuffled := append(statuses, statuses[:r.IntN(len(statuses)+1)]...)
			r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			for _, s := range shuffled {
				s.Key = key
				p.record(s)
			}
			want.Key = key
			p.expect(key.ID, want)
		}
	}
}

func writersAtOnceLoseNothing(p *probe) {
	const writers, messages = 8, 20
	r := rand.New(rand.NewPCG(3, 4))
	want := map[string]tracker.Message{}
	var all []tracker.Status
	for range messages {
		statuses := append(whole(newID()), random(r, message("x"))...)
		for i := range statuses {
			statuses[i].Key = statuses[0].Key
		}
		want[statuses[0].ID] = applied(statuses...)
		all = append(all, statuses...)
	}
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for first := range writers { // each status by one of them alone, and those of one message side by side
		wg.Go(func() {
			<-begin
			for at := first; at < len(all); at += writers {
				ctx, cancel := bounded()
				assert.NoError(p, p.store.Record(ctx, all[at]), "Record")
				cancel()
			}
		})
	}
	close(begin)
	wg.Wait()
	for id, row := range want {
		p.expect(id, row)
	}
}

func keysAreApart(p *probe) {
	keys := []tracker.Key{ // in the order of Get
		{Source: envelope.Kirisan, Line: "waba-1", ID: "wamid.1"},
		{Source: envelope.Meta, Line: "1055", ID: "wamid.1"},
		{Source: envelope.Meta, Line: "1056", ID: "wamid.1"},
		{Source: envelope.Meta, Line: "1055", ID: "wamid.1", Participant: "6281200000001"},
		{Source: envelope.Meta, Line: "1055", ID: "wamid.1", Participant: "6281200000002"},
		{Source: envelope.Meta, Line: "1055", ID: "wamid.2"},
	}
	var want []tracker.Message
	for i, key := range keys {
		p.record(status(key, tracker.Sent, i), status(key, tracker.Delivered, i+1))
		want = append(want, applied(status(key, tracker.Sent, i), status(key, tracker.Delivered, i+1)))
	}
	p.expect("wamid.1", want[:5]...)
	p.expect("wamid.2", want[5])
}

func keysAreBytes(p *probe) {
	ids := []string{
		"wamid.a", "wamid.A", "wamid.%", "wamid._", `wamid.'"\`, strings.Repeat("x", 254) + "y", strings.Repeat("x", 255),
	}
	for _, id := range ids {
		p.record(status(message(id), tracker.Sent, 1))
	}
	for _, id := range ids {
		p.expect(id, applied(status(message(id), tracker.Sent, 1)))
	}
	key := tracker.Key{Source: envelope.Kirisan, Line: strings.Repeat("l", 512), ID: "wamid.1"}
	key.Participant = strings.Repeat("p", 255)
	p.record(status(key, tracker.Sent, 1))
	p.expect("wamid.1", applied(status(key, tracker.Sent, 1)))
}

func whatComesLaterFillsIn(p *probe) {
	key := message("wamid.1")
	sent, delivered, read := status(key, tracker.Sent, 1), status(key, tracker.Delivered, 2), status(key, tracker.Read, 3)
	sent.KirimID, delivered.UserID, read.Recipient = "msg_1", "ID.1", "6281200000001"
	p.record(delivered, read, sent)
	row := p.get("wamid.1")[0]
	require.Equal(p, "msg_1", row.KirimID)
	require.Equal(p, "ID.1", row.UserID)
	require.Equal(p, "6281200000001", row.Recipient)
	p.expect("wamid.1", applied(sent, delivered, read))
}

func textsComeBack(p *probe) {
	for _, reason := range []string{
		"", "Pesan “tidak” terkirim 😀", `'";--\`, " spaces at the ends ", "a\x00b", "no \xff utf-8", "two\nlines",
		strings.Repeat("é", 501), strings.Repeat("long ", 300),
	} {
		s := status(message(newID()), tracker.Failed, 1)
		s.Reason = reason
		p.record(s)
		p.expect(s.ID, applied(s))
	}
	for _, code := range []int{0, -1, math.MaxInt32} {
		s := status(message(newID()), tracker.Failed, 1)
		s.Code = code
		p.record(s)
		p.expect(s.ID, applied(s))
	}
	s := status(message("odd"), tracker.Sent, 1)
	s.Recipient, s.UserID, s.KirimID = strings.Repeat("9", 256), "an ä", " a space"
	s.Code, s.Reason = 1, "nothing failed"
	p.record(s)
	p.expect("odd", applied(status(message("odd"), tracker.Sent, 1)))
}

func timesComeBack(p *probe) {
	for _, at := range []time.Time{
		start.Add(123456789 * time.Nanosecond), start.In(time.FixedZone("WIB", 7*3600)), time.Unix(1, 0),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		s := status(message(newID()), tracker.Read, 1)
		s.At = at
		p.record(s)
		p.expect(s.ID, applied(s))
		require.Equal(p, at.UTC().Truncate(time.Microsecond), p.get(s.ID)[0].ReadAt)
	}
}

func oneCallRecordsAll(p *probe) {
	ctx, cancel := bounded()
	defer cancel()
	all := append(whole("wamid.1"), whole("wamid.0")...)
	require.NoError(p, p.store.Record(ctx, all...))
	require.NoError(p, p.store.Record(ctx))
	p.expect("wamid.1", applied(whole("wamid.1")...))
	p.expect("wamid.0", applied(whole("wamid.0")...))
}

func uselessStatusesAreRefused(p *probe) {
	good := status(message("wamid.1"), tracker.Sent, 1)
	for name, spoil := range map[string]func(*tracker.Status){
		"no source":              func(s *tracker.Status) { s.Source = "" },
		"a long source":          func(s *tracker.Status) { s.Source = envelope.Source(strings.Repeat("s", 65)) },
		"no id":                  func(s *tracker.Status) { s.ID = "" },
		"a long id":              func(s *tracker.Status) { s.ID = strings.Repeat("i", 256) },
		"an id with a space":     func(s *tracker.Status) { s.ID = "wamid.1 " },
		"a long line":            func(s *tracker.Status) { s.Line = strings.Repeat("l", 513) },
		"a participant of no id": func(s *tracker.Status) { s.Participant = "é" },
		"no step":                func(s *tracker.Status) { s.Step = "" },
		"another step":           func(s *tracker.Status) { s.Step = "deleted" },
		"no time":                func(s *tracker.Status) { s.At = time.Time{} },
		"a time long past":       func(s *tracker.Status) { s.At = time.Unix(0, 0) },
		"a time far ahead":       func(s *tracker.Status) { s.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		bad := good
		spoil(&bad)
		ctx, cancel := bounded()
		err := p.store.Record(ctx, good, bad)
		cancel()
		require.ErrorIs(p, err, tracker.ErrStatus, name)
		p.expect("wamid.1")
	}
}
