package harness

import (
	"bufio"
	"fmt"
	"os"
	"sync/atomic"
)

// Point is a moment in the life of a delivery at which a worker can be made to die.
type Point string

// The points. All but PointArrival are passed by the worker itself.
const (
	PointBeforeEnqueue Point = "before enqueue"
	PointAfterEnqueue  Point = "after enqueue" // stored, and nobody told
	PointBeforeCommit  Point = "before commit" // in a host's transaction, which holds the event
	PointAfterCommit   Point = "after commit"  // of a host's transaction, and nobody told
	PointAfterClaim    Point = "after claim"   // leased, and nobody knows
	PointBeforeSend    Point = "before send"
	PointArrival       Point = "arrival" // the endpoint has the request and has not answered
	PointAfterSend     Point = "after send"
	PointBeforeSettle  Point = "before settle"
	PointAfterSettle   Point = "after settle" // written, and nobody told
)

// points are those that a worker passes itself.
var points = []Point{
	PointBeforeEnqueue, PointAfterEnqueue, PointBeforeCommit, PointAfterCommit, PointAfterClaim, PointBeforeSend,
	PointAfterSend,
	PointBeforeSettle, PointAfterSettle,
}

// trap is where a worker dies, or waits.
type trap struct {
	point Point
	left  atomic.Int64
	hold  bool
	word  chan struct{}
}

func newTrap(a assignment) *trap {
	t := &trap{point: a.Point, hold: a.Hold, word: make(chan struct{})}
	t.left.Store(int64(a.Hit))
	return t
}

func (t *trap) pass(at Point) {
	if t.point != at || t.left.Add(-1) != 0 {
		return
	}
	fmt.Println(saysReached)
	if t.hold {
		<-t.word
		return
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // not one step further
}

// listen waits for the parent's word. Without a parent there is nothing to work for.
func (t *trap) listen() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if lines.Text() == wordGo {
			close(t.word)
		}
	}
	os.Exit(2)
}
