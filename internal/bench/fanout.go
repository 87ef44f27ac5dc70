package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"

	riverqueue "github.com/riverqueue/river"

	"github.com/kirimhooks/kirimhooks/sender"
)

// fanned is to how many subscriptions one event goes.
const fanned = 10_000

// fanout is the cost of storing one event for many subscriptions.
func fanout() measurement {
	return measurement{
		name: "fanout",
		what: fmt.Sprintf("one event for %d subscriptions stored, nobody delivers; operations are deliveries", fanned),
		run: func(ctx context.Context, b *bench) error {
			pg, err := b.postgres()
			if err != nil {
				return err
			}
			events := b.pick(2, 5)
			us, done, err := pg.fansOut(ctx, events)
			if err != nil {
				return err
			}
			defer done()
			rivers := pg.riverInserts("River InsertMany", events, func(
				ctx context.Context, r *river, jobs []riverqueue.InsertManyParams,
			) error {
				_, err := r.client.InsertMany(ctx, jobs)
				return err
			})
			copies := pg.riverInserts("River InsertManyFast", events, func(
				ctx context.Context, r *river, jobs []riverqueue.InsertManyParams,
			) error {
				_, err := r.client.InsertManyFast(ctx, jobs)
				return err
			})
			r, err := contest(ctx, b.out, b.rounds(), us, rivers, copies)
			if err != nil {
				return err
			}
			b.judge(atLeast("fanout", r.ratio(sample.rate, us.name, rivers.name), 5))
			return nil
		},
	}
}

// fansOut is ours. The subscriptions are made once, for all its runs.
func (p *postgres) fansOut(ctx context.Context, events int) (contender, func(), error) {
	store, done, err := p.open(ctx)
	if err != nil {
		return contender{}, nil, err
	}
	s, err := sender.New(store, sender.Config{
		MaxSubscriptions: -1, Logger: slog.New(slog.DiscardHandler),
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		done()
		return contender{}, nil, err
	}
	org := s.Org("bench")
	err = each(fanned, 64, func(i int) error {
		_, _, err := org.Subscribe(ctx, sender.Subscription{URL: fmt.Sprint("http://127.0.0.1/", i),
			Events: []string{eventType(0)}})
		return err
	})
	if err != nil {
		done()
		return contender{}, nil, err
	}
	return contender{name: "kirimhooks", run: func(ctx context.Context) (sample, error) {
		watch := start(p.cpu)
		for range events {
			ev, err := event(0)
			if err != nil {
				return sample{}, err
			}
			receipt, err := org.Publish(ctx, ev)
			if err != nil {
				return sample{}, err
			}
			if receipt.Deliveries != fanned {
				return sample{}, fmt.Errorf("%d deliveries instead of %d", receipt.Deliveries, fanned)
			}
		}
		return watch.stop(events * fanned), nil
	}}, done, nil
}

// riverInserts is River with a job for each delivery, inserted by insert.
func (p *postgres) riverInserts(name string, events int,
	insert func(context.Context, *river, []riverqueue.InsertManyParams) error,
) contender {
	return contender{name: name, run: func(ctx context.Context) (sample, error) {
		r, err := p.river(ctx, &sink{url: "http://127.0.0.1"}, fanned, 1)
		if err != nil {
			return sample{}, err
		}
		defer r.close()
		watch := start(p.cpu)
		for range events {
			one, err := newJob(r.far, 0, fanned)
			if err != nil {
				return sample{}, err
			}
			jobs := make([]riverqueue.InsertManyParams, fanned)
			for i := range jobs {
				one.URL = fmt.Sprint(r.far.url, "/", i)
				jobs[i].Args = one
			}
			if err := insert(ctx, r, jobs); err != nil {
				return sample{}, err
			}
		}
		return watch.stop(events * fanned), nil
	}}
}
