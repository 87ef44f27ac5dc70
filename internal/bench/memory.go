package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

const (
	remembered  = 1_000_000
	rememberers = 10_000
)

// memory is what deliveries that wait cost in a process that keeps them in memory.
func memory() measurement {
	return measurement{
		name: "memory",
		what: fmt.Sprintf("%d pending deliveries of events of 1 KiB over %d subscriptions, memory store", remembered,
			rememberers),
		run: func(ctx context.Context, b *bench) error {
			t := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
			fmt.Fprintln(t, "\tbytes each beyond the bodies\tfull GC, CPU ms\t")
			var judged footprint
			for _, fan := range []int{100, 1} { // subscriptions that want one event
				f, err := remember(ctx, fan)
				if err != nil {
					return err
				}
				fmt.Fprintf(t, "%d subscriptions an event\t%.1f\t%.0f\t\n", fan, f.each, millis(f.gc))
				if fan == 100 {
					judged = f
				}
			}
			t.Flush()
			b.judge(atMost("memory", judged.each, 400))
			return nil
		},
	}
}

// footprint is what a store holds.
type footprint struct {
	each float64       // bytes for each delivery, the bodies left out
	gc   time.Duration // CPU of a full collection
}

// remember publishes until the deliveries are there, with so many to each event.
func remember(ctx context.Context, fan int) (footprint, error) {
	s, err := sender.New(memstore.New(), sender.Config{
		MaxSubscriptions: -1, Logger: slog.New(slog.DiscardHandler),
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		return footprint{}, err
	}
	org := s.Org("bench")
	for i := range rememberers {
		sub := sender.Subscription{URL: fmt.Sprint("http://127.0.0.1/", i), Events: []string{eventType(i / fan)}}
		if _, _, err := org.Subscribe(ctx, sub); err != nil {
			return footprint{}, err
		}
	}
	kinds := make([]envelope.Kind[map[string]any], rememberers/fan)
	for i := range kinds {
		kinds[i] = kirim.NewKind[map[string]any](eventType(i))
	}
	before, bodies := heap(), 0
	for i := range remembered / fan {
		ev, err := kirim.NewEvent(kinds[i%len(kinds)], map[string]any{"sent": i, "padding": padding})
		if err != nil {
			return footprint{}, err
		}
		bodies += len(ev.Body)
		receipt, err := org.Publish(ctx, ev)
		if err != nil {
			return footprint{}, err
		}
		if receipt.Deliveries != fan {
			return footprint{}, fmt.Errorf("%d deliveries instead of %d", receipt.Deliveries, fan)
		}
	}
	held := heap() - before - int64(bodies)
	idle := cpuSelf()
	runtime.GC()
	f := footprint{each: float64(held) / remembered, gc: cpuSelf() - idle}
	runtime.KeepAlive(s)
	return f, nil
}

// heap is what is live.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
