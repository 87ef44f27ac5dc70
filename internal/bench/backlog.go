package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// backlog is what the others pay for one endpoint that hangs and for which deliveries pile up.
func backlog() measurement {
	return measurement{
		name: "backlog",
		what: "claims of 100 deliveries on Postgres while one subscription, which may have no more, has a backlog that is due; operations are claims",
		run: func(ctx context.Context, b *bench) error {
			pg, err := b.postgres()
			if err != nil {
				return err
			}
			hung := b.pick(200_000, 1_000_000)
			var contenders []contender
			for _, waiting := range []int{0, hung} {
				c, done, err := pg.claimsBeside(ctx, waiting, b.rounds())
				if err != nil {
					return err
				}
				defer done()
				contenders = append(contenders, c)
			}
			r, err := contest(ctx, b.out, b.rounds(), contenders...)
			if err != nil {
				return err
			}
			b.judge(atMost("backlog", r.ratio(sample.medianMs, contenders[1].name, contenders[0].name), 1.3))
			return nil
		},
	}
}

const (
	claimsPerRun = 40
	claimSize    = 100
)

// claimsBeside claims for 100 subscriptions beside one with so many deliveries waiting. A sample has the median of the
// claims.
func (p *postgres) claimsBeside(ctx context.Context, waiting, rounds int) (contender, func(), error) {
	store, closePool, err := p.openIn(ctx, fmt.Sprint("beside_", waiting))
	if err != nil {
		return contender{}, nil, err
	}
	due := max((rounds+1)*claimsPerRun*claimSize/subscriptions, 1)
	if err := fill(ctx, store, waiting, due); err != nil {
		closePool()
		return contender{}, nil, err
	}
	if err := p.analyze(ctx, fmt.Sprint("beside_", waiting)); err != nil {
		closePool()
		return contender{}, nil, err
	}
	request := driver.ClaimRequest{
		Worker: "bench", Limit: claimSize, PerSubscription: 10, Quota: map[string]int{"hung": 0}, Lease: time.Hour,
	}
	return contender{name: fmt.Sprintf("%d waiting", waiting), run: func(ctx context.Context) (sample, error) {
		var took []time.Duration
		watch := start(p.cpu)
		for range claimsPerRun {
			began := time.Now()
			claims, err := store.Claim(ctx, request)
			if err != nil {
				return sample{}, err
			}
			if n := len(claims.Claims); n != claimSize {
				return sample{}, fmt.Errorf("%d deliveries instead of %d", n, claimSize)
			}
			took = append(took, time.Since(began))
		}
		result := watch.stop(claimsPerRun)
		slices.Sort(took)
		result.p50, result.p99 = quantile(took, 0.5), quantile(took, 0.99)
		return result, nil
	}}, closePool, nil
}

// fill makes one subscription with so many deliveries waiting, and the others with so many each that are due.
func fill(ctx context.Context, store sender.Store, waiting, each int) error {
	put := func(id string, topic string) error {
		_, err := store.PutSubscription(ctx, driver.SubscriptionRecord{
			Subscription: sender.Subscription{ID: id, Org: "bench", URL: "https://example.com/", Contract: "kirim",
				Status: sender.StatusActive},
			Topics: []string{topic},
		})
		return err
	}
	if err := put("hung", "hung"); err != nil {
		return err
	}
	for i := range subscriptions {
		if err := put(fmt.Sprint("s", i), "all"); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		topic  string
		events int
	}{{"hung", waiting}, {"all", each}} {
		const batch = 500
		for first := 0; first < part.events; first += batch {
			pubs := make([]driver.Publication, min(batch, part.events-first))
			for i := range pubs {
				pubs[i] = driver.Publication{Org: "bench", Topics: []string{part.topic}, Event: envelope.Event{
					Source: envelope.Kirim, ID: fmt.Sprint(part.topic, first+i), Type: "load", Body: []byte(`{}`),
				}}
			}
			if _, _, err := store.Enqueue(ctx, pubs, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
