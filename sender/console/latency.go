package console

import (
	"time"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// durations counts attempts by the buckets of sender.Minute.
type durations = [12]int

// within returns the bucket that share of the attempts stayed within, -1 if there were none.
func within(counts durations, share float64) int {
	all := 0
	for _, n := range counts {
		all += n
	}
	if all == 0 {
		return -1
	}
	seen := 0
	for i, n := range counts {
		if seen += n; float64(seen) >= share*float64(all) {
			return i
		}
	}
	return len(counts) - 1
}

// bound is the longest duration of a bucket; ok is false for the last, which has none.
func bound(bucket int) (longest time.Duration, ok bool) {
	last := len(sender.Minute{}.Durations) - 1
	if bucket >= last {
		return 5 * time.Millisecond << (last - 1), false
	}
	return 5 * time.Millisecond << bucket, true
}

func percentiles(l *dashboard.Language, list []column) (all []percentile) {
	var sum durations
	for _, c := range list {
		for i, n := range c.Durations {
			sum[i] += n
		}
	}
	for _, p := range []struct {
		name  string
		share float64
	}{{"p50", .5}, {"p95", .95}, {"p99", .99}} {
		value := "–"
		if bucket := within(sum, p.share); bucket >= 0 {
			value = latency(l, bucket)
		}
		all = append(all, percentile{p.name, value})
	}
	return all
}

func latency(l *dashboard.Language, bucket int) string {
	longest, ok := bound(bucket)
	if !ok {
		return l.Say("latency.above", l.Lasted(longest))
	}
	return l.Say("latency.within", l.Lasted(longest))
}

// drawLatency draws what 95 of 100 attempts stayed within. Each bucket is twice as long as the one before, so that the
// heights are logarithms.
func drawLatency(list []column, width, height int) drawing {
	d := drawing{Width: len(list) * (width + 1), Height: height}
	for i, c := range list {
		bucket := within(c.Durations, .95)
		if bucket < 0 {
			continue
		}
		h := (bucket + 1) * height / len(c.Durations)
		d.Bars = append(d.Bars, bar{i * (width + 1), height - h, width, h, "time"})
	}
	return d
}
