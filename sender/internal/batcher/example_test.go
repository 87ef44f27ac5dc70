package batcher_test

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
)

func Example() {
	lines := batcher.New(batcher.Config[[]byte, int]{
		Write: func(_ context.Context, lines [][]byte) ([]int, error) { // one transaction
			sizes := make([]int, len(lines))
			for i, line := range lines {
				sizes[i] = len(line)
			}
			return sizes, nil
		},
		Own:      bytes.Clone,
		Bytes:    func(line []byte) int { return len(line) },
		MaxBytes: 1 << 20,
		Size:     batcher.NewSize(256, time.Second),
	})
	size, err := lines.Do(context.Background(), []byte("from many goroutines at once"))
	fmt.Println(size, err)
	// Output: 28 <nil>
}
