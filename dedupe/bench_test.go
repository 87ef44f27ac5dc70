package dedupe_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

func BenchmarkMemory(b *testing.B) {
	ctx := context.Background()
	m := dedupe.NewMemory(1_000_000)
	keys := make([]string, 1<<20)
	for i := range keys {
		keys[i] = fmt.Sprintf(":kirim:evt_%026d", i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		key := keys[i%len(keys)]
		i++
		_, _, _ = m.Claim(ctx, key, "01234567890123456789012345", time.Minute)
		_ = m.Commit(ctx, key, "01234567890123456789012345", time.Hour)
	}
}

// BenchmarkMemorySize reports what a key costs when a Memory of the default size is full.
func BenchmarkMemorySize(b *testing.B) {
	ctx := context.Background()
	for b.Loop() {
		before := heap()
		m := dedupe.NewMemory(0)
		for i := range 1_000_000 {
			_ = m.Commit(ctx, strconv.Itoa(i), "token", time.Hour)
		}
		b.ReportMetric(float64(heap()-before)/1e6, "bytes/key")
		runtime.KeepAlive(m)
	}
}

// BenchmarkMemoryCollection is one garbage collection while a Memory of the default size is full: why it keeps hashes
// and no pointers. With texts and pointers to entries it took more than fifty times the CPU.
func BenchmarkMemoryCollection(b *testing.B) {
	m := dedupe.NewMemory(0)
	for i := range 1_000_000 {
		_ = m.Commit(context.Background(), strconv.Itoa(i), "token", time.Hour)
	}
	for b.Loop() {
		runtime.GC()
	}
	runtime.KeepAlive(m)
}

func BenchmarkGuard(b *testing.B) {
	ctx := context.Background()
	b.Run("first", func(b *testing.B) {
		var g dedupe.Guard
		b.ReportAllocs()
		key := []byte("evt_00000000")
		for b.Loop() {
			for i := len(key) - 1; ; i-- {
				if key[i]++; key[i] <= 'z' {
					break
				}
				key[i] = '0'
			}
			if err := g.Do(ctx, string(key), succeed); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("duplicate", func(b *testing.B) {
		var g dedupe.Guard
		b.ReportAllocs()
		_ = g.Do(ctx, "evt_1", succeed)
		for b.Loop() {
			if err := g.Do(ctx, "evt_1", succeed); !errors.Is(err, dedupe.ErrDuplicate) {
				b.Fatal(err)
			}
		}
	})
}
