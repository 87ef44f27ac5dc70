package console

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

func TestColumns(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 30, 40, 0, time.UTC)
	at := func(minute int) time.Time { return now.Truncate(time.Minute).Add(time.Duration(minute) * time.Minute) }
	list := columns([]sender.Minute{
		{At: at(-10), Delivered: 100}, // before the first
		{At: at(-9), Delivered: 1},
		{At: at(-8), Failed: 2},
		{At: at(-1), Delivered: 3},
		{At: at(0), Delivered: 4, Failed: 5},
		{At: at(1), Delivered: 100}, // another clock
	}, now, 10*time.Minute, 5)
	require.Equal(t, at(-9), list[0].At)
	var sums [][2]int
	for _, c := range list {
		sums = append(sums, [2]int{c.Delivered, c.Failed})
	}
	require.Equal(t, [][2]int{{1, 2}, {0, 0}, {0, 0}, {0, 0}, {7, 5}}, sums)

	d := draw(list, 3, 24)
	require.Equal(t, 20, d.Width)
	require.Equal(t, 12, d.Most)
	require.Equal(t, 53, d.Share())
	require.Equal(t, []bar{
		{0, 22, 3, 2, "good"}, {0, 18, 3, 4, "bad"}, {16, 10, 3, 14, "good"}, {16, 0, 3, 10, "bad"},
	}, d.Bars)
	require.Equal(t, -1, draw(list[1:3], 3, 24).Share())
}

func TestLatencies(t *testing.T) {
	require.Equal(t, -1, within(durations{}, .5))
	require.Equal(t, 1, within(durations{0, 10}, .99))
	require.Equal(t, 0, within(durations{50, 50}, .5))
	require.Equal(t, 11, within(durations{50, 11: 50}, .95))
	english := languageNamed("en")
	for bucket, want := range map[int]string{0: "≤ 5.0 ms", 1: "≤ 10 ms", 3: "≤ 40 ms", 10: "≤ 5.1 s", 11: "> 5.1 s"} {
		require.Equal(t, want, english.latency(bucket))
		longest, _ := bound(bucket)
		require.Equal(t, min(bucket, 10), sender.Minute{}.Bucket(longest))
	}
}

func TestMoments(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration][2]string{
		0:                    {"just now", "baru saja"},
		30 * time.Second:     {"30 s ago", "30 dtk lalu"},
		-2 * time.Minute:     {"in 2 min", "dalam 2 mnt"},
		90 * time.Minute:     {"1 h ago", "1 jam lalu"},
		47 * time.Hour:       {"47 h ago", "47 jam lalu"},
		72 * time.Hour:       {"3 d ago", "3 hari lalu"},
		8 * 24 * time.Hour:   {"2 Mar", "2 Mar"},
		100 * 24 * time.Hour: {"30 Nov 2025", "30 Nov 2025"},
		-60 * 24 * time.Hour: {"9 May", "9 Mei"},
	} {
		for i, l := range languages {
			require.Equal(t, want[i], l.since(now.Add(-ago), now), ago)
		}
	}
	l := languages[0]
	require.Equal(t, "–", l.moment(time.Time{}).Words)
	require.Equal(t, "2026-03-10 12:00:00.000 UTC", l.moment(now.In(time.FixedZone("WIB", 7*3600))).Exact)
	for d, want := range map[time.Duration]string{
		0: "–", 1500 * time.Microsecond: "1.5 ms", 45 * time.Millisecond: "45 ms", 1200 * time.Millisecond: "1.2 s",
	} {
		require.Equal(t, want, l.lasted(d))
	}
	require.Equal(t, "1,234,567", l.number(1234567))
	require.Equal(t, "-1.234", languages[1].number(-1234))
	require.Equal(t, "999", l.number(999))
	require.Equal(t, "key.unknown", l.say("key.unknown"))
}
