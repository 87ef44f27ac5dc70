package redisdedupe_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"
)

// A claim and a commit of a new key, as an event costs them.
func BenchmarkClaimCommit(b *testing.B) {
	w := open(b)
	event := func(ctx context.Context) error {
		key, token := rand.Text(), rand.Text()
		if _, _, err := w.Claim(ctx, key, token, time.Minute); err != nil {
			return err
		}
		return w.Commit(ctx, key, token, time.Minute)
	}
	b.Run("one caller", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := event(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("16 callers a processor", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := event(b.Context()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
