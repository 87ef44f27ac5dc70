package sqltracker_test

import (
	"crypto/rand"
	"testing"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// The statuses of a message that is read, each a call of its own.
func BenchmarkRecord(b *testing.B) {
	for name, open := range sources {
		b.Run(name, func(b *testing.B) {
			w := open(b).world(b)
			b.SetParallelism(8)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := rand.Text()
					for i, step := range []tracker.Step{tracker.Sent, tracker.Delivered, tracker.Read} {
						if err := w.Record(b.Context(), status(id, step, i)); err != nil {
							b.Error(err)
							return
						}
					}
				}
			})
		})
	}
}

// A page of 100 amid a campaign.
func BenchmarkList(b *testing.B) {
	for name, open := range sources {
		b.Run(name, func(b *testing.B) {
			w := open(b).world(b)
			w.fill()
			q := tracker.Query{Step: tracker.Sent, Limit: 500}
			rows, err := w.List(b.Context(), q)
			if err != nil {
				b.Fatal(err)
			}
			q = tracker.Query{Step: tracker.Sent, After: rows[len(rows)-1]}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.List(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
