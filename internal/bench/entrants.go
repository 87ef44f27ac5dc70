package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// subscriptions is how many the events go to in turn, where a case says nothing else. All are on one host.
const subscriptions = 100

// ours is our Sender on Postgres.
type ours struct{ *rig }

func (o ours) put(ctx context.Context, i int) error {
	ev, err := event(i % o.types)
	if err != nil {
		return err
	}
	_, err = o.org.Publish(ctx, ev)
	return err
}

// putBatch is as many calls at once: Sender merges them.
func (o ours) putBatch(ctx context.Context, first, n int) error { return putAll(ctx, o, first, n, n) }

func (o ours) run(ctx context.Context) (stop func() error, err error) { return o.rig.run(ctx), nil }

// entry is our Sender with so many workers, on a store that open makes empty.
func entry(name string, far *sink, workers int, cpu func() time.Duration, open opener) entrant {
	return entrant{name: name, cpu: cpu, open: func(ctx context.Context) (system, func(), error) {
		store, done, err := open(ctx)
		if err != nil {
			return nil, nil, err
		}
		r, err := newRig(ctx, setup{
			store: store, far: far, subscriptions: subscriptions,
			config: sender.Config{Workers: workers, PerSubscription: workers, ShutdownTimeout: time.Second},
		})
		if err != nil {
			done()
			return nil, nil, err
		}
		return ours{r}, done, nil
	}}
}

func (p *postgres) ours(far *sink, workers int) entrant {
	return entry("kirimhooks", far, workers, p.cpu, p.open)
}

func (p *postgres) rivers(far *sink, workers int) entrant {
	return entrant{name: "River", cpu: p.cpu, open: func(ctx context.Context) (system, func(), error) {
		r, err := p.river(ctx, far, subscriptions, workers)
		if err != nil {
			return nil, nil, err
		}
		return r, r.close, nil
	}}
}

// asynqs is asynq on a private Redis, or no entrant where that is not installed.
func (b *bench) asynqs(ctx context.Context, far *sink, workers int) ([]entrant, error) {
	server, err := b.privateRedis(ctx)
	if errors.Is(err, errNoRedis) {
		fmt.Fprintln(b.out, "NOT MEASURED: asynq:", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []entrant{{name: "asynq, Redis", cpu: server.cpu, open: func(ctx context.Context) (system, func(), error) {
		a, err := server.asynq(ctx, far, subscriptions, workers)
		if err != nil {
			return nil, nil, err
		}
		return a, a.close, nil
	}}}, nil
}

// field is who takes part: ours first, then River, then asynq if there is a Redis.
func (b *bench) field(ctx context.Context, far *sink, workers int) ([]entrant, error) {
	pg, err := b.postgres()
	if err != nil {
		return nil, err
	}
	rest, err := b.asynqs(ctx, far, workers)
	return append([]entrant{pg.ours(far, workers), pg.rivers(far, workers)}, rest...), err
}
