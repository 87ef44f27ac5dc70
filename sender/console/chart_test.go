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
	english := languages.Named("en")
	for bucket, want := range map[int]string{0: "≤ 5.0 ms", 1: "≤ 10 ms", 3: "≤ 40 ms", 10: "≤ 5.1 s", 11: "> 5.1 s"} {
		require.Equal(t, want, latency(english, bucket))
		longest, _ := bound(bucket)
		require.Equal(t, min(bucket, 10), sender.Minute{}.Bucket(longest))
	}
}
