package limiter_test

import (
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

// One endpoint hangs, one answers.
func Example() {
	l := limiter.New[delivery](4, 4)
	run, _ := l.Start(l.Reserve(4), []delivery{{lane: "hangs"}, {lane: "answers"}}, false)
	fmt.Println(len(run), "run: each unproven endpoint gets one")

	l.Done("answers", limiter.Success)
	l.Written(1)
	l.Done("hangs", limiter.NoAnswer)
	l.Written(1)
	g := l.Reserve(4)
	fmt.Println("then", g.Allows("answers"), "for the one, and a probe for the other:", g.Allows("hangs"))

	l.Start(g, []delivery{{lane: "hangs"}, {lane: "answers"}}, true)
	fmt.Println("waits for a slot:", l.Why("hangs"))
	// Output:
	// 2 run: each unproven endpoint gets one
	// then 2 for the one, and a probe for the other: 1
	// waits for a slot: its endpoint does not answer and gets one request at a time, which is under way
}
