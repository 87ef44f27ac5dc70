package console

import (
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// column is what a chart shows of a span of time.
type column struct {
	At                time.Time // when it begins
	Delivered, Failed int
	Durations         durations
}

// columns sums minutes up into n columns of equal length, the last of which ends with the minute of now.
func columns(minutes []sender.Minute, now time.Time, back time.Duration, n int) []column {
	end := now.UTC().Truncate(time.Minute).Add(time.Minute)
	begin, step := end.Add(-back), back/time.Duration(n)
	list := make([]column, n)
	for i := range list {
		list[i].At = begin.Add(time.Duration(i) * step)
	}
	for _, m := range minutes {
		if i := int(m.At.Sub(begin) / step); !m.At.Before(begin) && i < n {
			list[i].Delivered += m.Delivered
			list[i].Failed += m.Failed
			for bucket, n := range m.Durations {
				list[i].Durations[bucket] += n
			}
		}
	}
	return list
}

// drawing is a chart in the units of its SVG.
type drawing struct {
	Width, Height int
	Bars          []bar
	Most          int // attempts in the highest column
	Delivered     int
	Failed        int
}

// bar is a part of a column.
type bar struct {
	X, Y, Width, Height int
	Kind                string // a class: "good", "bad" or "time"
}

// draw stacks what failed on what was delivered, in columns of width units with one between.
func draw(list []column, width, height int) drawing {
	d := drawing{Width: len(list) * (width + 1), Height: height}
	for _, c := range list {
		d.Most = max(d.Most, c.Delivered+c.Failed)
		d.Delivered += c.Delivered
		d.Failed += c.Failed
	}
	for i, c := range list {
		x, y := i*(width+1), height
		for _, part := range []struct {
			kind string
			n    int
		}{{"good", c.Delivered}, {"bad", c.Failed}} {
			if part.n == 0 {
				continue
			}
			h := max(1, part.n*height/d.Most)
			y = max(0, y-h)
			d.Bars = append(d.Bars, bar{x, y, width, min(h, height), part.kind})
		}
	}
	return d
}

// Share is how many of 100 attempts succeeded, -1 if there were none.
func (d drawing) Share() int {
	if d.Delivered+d.Failed == 0 {
		return -1
	}
	return 100 * d.Delivered / (d.Delivered + d.Failed)
}

// failing reports whether the last attempts of an endpoint all failed.
func failing(minutes []sender.Minute) bool {
	if len(minutes) == 0 {
		return false
	}
	last := minutes[len(minutes)-1]
	return last.Failed > 0 && last.Delivered == 0
}
