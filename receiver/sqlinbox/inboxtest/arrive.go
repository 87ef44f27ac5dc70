package inboxtest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

func migrateMayBeRepeated(r *rig) {
	var all sync.WaitGroup
	errs := make(chan error, 4)
	for range cap(errs) {
		all.Go(func() {
			b, err := r.New(r.DB, r.Flavor, receiver.NewMux(), r.quick())
			if err == nil {
				err = errors.Join(b.Migrate(r.ctx), b.Migrate(r.ctx))
			}
			errs <- err
		})
	}
	all.Wait()
	for range cap(errs) {
		require.NoError(r, <-errs)
	}
}

func storedBeforeItIsAcknowledged(r *rig) {
	var ran journal
	b := r.open(ran.handle, r.quick())
	r.send(b, "1")
	require.Equal(r, sqlinbox.Counts{Waiting: 1}, r.counts(b))
	require.Empty(r, ran.all(), "nothing runs before Run")

	again := r.start(ran.handle, r.quick()) // as after a restart
	r.until("the event runs", func() bool { return r.counts(again).Done == 1 })
	require.Equal(r, []string{"1"}, ran.all())
}

func eventComesBackWhole(r *rig) {
	got := make(chan *receiver.Event, 2)
	b := r.start(func(_ context.Context, ev *receiver.Event) error { got <- ev; return nil }, r.quick())
	want := &receiver.Event{
		Event: envelope.Event{
			ID: "evt_1", Source: envelope.Kirisan, Type: "incoming_message", Device: "wa-1 ☎", Channel: "whatsapp",
			Test: true, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
			Body: []byte("\x00\xff{\"emoji\":\"\U0001F600\"}'\\\n"),
		},
		Key: "kirisan:" + strings.Repeat("é", 300), Dialect: "kirisan", DeliveryID: "wbd_1", Attempt: 3, Secret: -1,
		ReceivedAt: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC),
	}
	require.NoError(r, b.HandleEvent(r.ctx, want))
	require.Equal(r, want, wait(r, "the event", got))

	bare := &receiver.Event{Event: envelope.Event{Source: envelope.Kirim, Type: "t"}}
	require.NoError(r, b.HandleEvent(r.ctx, bare))
	ev := wait(r, "an event without anything", got)
	require.Empty(r, ev.Body)
	ev.Body = nil
	require.Equal(r, bare, ev)
}

func duplicatesAreStoredOnce(r *rig) {
	var ran journal
	var mu sync.Mutex
	hooks := map[string]int{}
	note := func(name string) func(context.Context, *receiver.Event) {
		return func(context.Context, *receiver.Event) { mu.Lock(); hooks[name]++; mu.Unlock() }
	}
	cfg := r.quick()
	cfg.Hooks = sqlinbox.Hooks{Stored: note("stored"), Duplicate: note("duplicate")}
	b := r.open(ran.handle, cfg)
	replicas := []*sqlinbox.Inbox{b, r.open(ran.handle, cfg)}
	const n = 16
	var all sync.WaitGroup
	errs := make(chan error, n)
	for i := range n {
		all.Go(func() { errs <- replicas[i%2].HandleEvent(r.ctx, event("1")) })
	}
	all.Wait()
	for range n {
		require.NoError(r, <-errs)
	}
	require.Equal(r, sqlinbox.Counts{Waiting: 1}, r.counts(b))
	require.Equal(r, map[string]int{"stored": 1, "duplicate": n - 1}, hooks)

	for range 2 {
		ev := event("2")
		ev.Key = ""
		require.NoError(r, b.HandleEvent(r.ctx, ev))
	}
	require.Equal(r, sqlinbox.Counts{Waiting: 3}, r.counts(b), "events without a key are never duplicates")
}

func duplicateOfADoneEvent(r *rig) {
	var ran journal
	b := r.start(ran.handle, r.quick())
	r.send(b, "1")
	r.until("it is done", func() bool { return r.counts(b).Done == 1 })
	r.send(b, "1", "2")
	r.until("the next is done", func() bool { return r.counts(b).Done == 2 })
	require.Equal(r, []string{"1", "2"}, ran.all())
}

func keysAreBytes(r *rig) {
	b := r.open((&journal{}).handle, r.quick())
	long := strings.Repeat("x", 300)
	keys := []string{"a", "A", "a ", " a", "á", "a%", "a_", "#a", "a\x00", long, long + "x", strings.Repeat("x", 255)}
	for range 2 {
		for _, key := range keys {
			ev := event("1")
			ev.Key = key
			require.NoError(r, b.HandleEvent(r.ctx, ev), "%q", key)
		}
	}
	require.Equal(r, len(keys), r.counts(b).Waiting)
}

func fullInboxRefuses(r *rig) {
	r.send(r.open((&journal{}).handle, r.quick()), "1", "2", "3")
	cfg := r.quick()
	cfg.MaxWaiting = 3
	b := r.open((&journal{}).handle, cfg)
	err := b.HandleEvent(r.ctx, event("4"))
	require.ErrorIs(r, err, sqlinbox.ErrFull)
	require.NoError(r, b.HandleEvent(r.ctx, event("3")), "what is stored is acknowledged")
	require.Equal(r, sqlinbox.Counts{Waiting: 3}, r.counts(b))
	cfg.MaxWaiting = -1
	r.send(r.open((&journal{}).handle, cfg), "4")
}
