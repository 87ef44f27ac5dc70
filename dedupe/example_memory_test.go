package dedupe_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

func ExampleNewMemory() {
	m := dedupe.NewMemory(100_000)
	ctx := context.Background()
	state, _, _ := m.Claim(ctx, "evt_1", "worker 1", time.Minute)
	fmt.Println(state)
	state, _, _ = m.Claim(ctx, "evt_1", "worker 2", time.Minute)
	fmt.Println(state)
	fmt.Println(m.Commit(ctx, "evt_1", "worker 1", time.Hour))
	state, _, _ = m.Claim(ctx, "evt_1", "worker 2", time.Minute)
	fmt.Println(state)
	// Output:
	// claimed
	// running
	// <nil>
	// done
}
