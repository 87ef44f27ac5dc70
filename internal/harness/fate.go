package harness

import (
	"math/rand/v2"
	"time"
)

// fate is how the life of one worker ends.
type fate struct {
	end   end
	point Point         // atPoint, held
	hit   int           // how often the point is passed before
	after time.Duration // killed, stopped, retired: how long it works
	pity  bool          // held: it goes on for a while
}

type end int

const (
	killed  end = iota // SIGKILL at a random moment
	atPoint            // SIGKILL at a named point
	held               // stands still at a named point for longer than its lease, then SIGKILL, at once or later
	stopped            // SIGSTOP for longer than its lease, SIGCONT, SIGKILL
	retired            // SIGTERM: a graceful shutdown
)

func (f fate) String() string {
	switch f.end {
	case atPoint:
		return string(f.point)
	case held:
		return "held " + string(f.point)
	default:
		return [...]string{killed: "at random", stopped: "stopped", retired: "shutdown"}[f.end]
	}
}

// draw draws the next fate of a slot.
func draw(r *rand.Rand) fate {
	f := fate{
		hit:   1 + r.IntN(4),
		after: time.Duration(50+r.IntN(700)) * time.Millisecond,
		pity:  r.IntN(2) == 0,
	}
	switch n := r.IntN(100); {
	case n < 30:
		f.end = killed
	case n < 75:
		f.end = atPoint
		if f.point = PointArrival; r.IntN(8) > 0 {
			f.point = points[r.IntN(len(points))]
		}
	case n < 83:
		f.end = held
		f.point = points[r.IntN(len(points))]
	case n < 93:
		f.end = stopped
	default:
		f.end = retired
	}
	return f
}
