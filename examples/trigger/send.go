package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// send delivers o.count events of src and returns nil only if the endpoint took them all.
func send(ctx context.Context, o options, src source, stdout, stderr io.Writer) error {
	ctx, finish := context.WithCancel(ctx)
	defer finish()
	contract := newContract(o)
	report := newReport(stdout, contract, o.count, finish)
	s, err := sender.New(memstore.New(), sender.Config{
		Contracts:        []sender.Contract{contract},
		Workers:          workers(o, src),
		PerSubscription:  o.concurrency,
		MaxSubscriptions: -1,
		AllowPrivate:     loopback(),
		Logger:           slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Hooks:            sender.Hooks{AttemptDone: report.attempt, Finished: report.finished},
	})
	if err != nil {
		return err
	}
	j := job{sender: s, options: o, source: src}
	deliver := j.publish
	if !o.live {
		deliver = j.test
	}
	if err := deliver(ctx); err != nil {
		return err
	}
	return report.verdict()
}

// workers is how many attempts the sender may make at once over all subscriptions. It never gives all of them to one,
// so that one gets twice as many as it can use and PerSubscription is what counts; copies have one each, and only this
// counts.
func workers(o options, src source) int {
	if src.same {
		return o.concurrency
	}
	return 2 * o.concurrency
}

type job struct {
	sender  *sender.Sender
	options options
	source  source
}

// publish stores every event, then delivers until ctx ends, as it does when all are finished. One org would publish the
// same event only once: each copy of it gets an org of its own.
func (j job) publish(ctx context.Context) error {
	org, _, err := j.subscribe(ctx, 0)
	if err != nil {
		return err
	}
	for i := range j.options.count {
		if j.source.same && i > 0 {
			if org, _, err = j.subscribe(ctx, i); err != nil {
				return err
			}
		}
		ev, err := j.source.next()
		if err != nil {
			return err
		}
		receipt, err := org.Publish(ctx, ev)
		if err != nil {
			return faulty(err)
		}
		if receipt.Deliveries != 1 { // its end would be waited for in vain
			return fmt.Errorf("event %s made %d deliveries instead of 1", receipt.EventID, receipt.Deliveries)
		}
	}
	return j.sender.Run(ctx)
}

// test sends samples as tests, which are delivered by whoever asks for them.
func (j job) test(ctx context.Context) error {
	org, sub, err := j.subscribe(ctx, 0)
	if err != nil {
		return err
	}
	rounds := make(chan struct{}, j.options.count)
	for range j.options.count {
		rounds <- struct{}{}
	}
	close(rounds)
	var (
		testers sync.WaitGroup
		failed  = make(chan error, j.options.concurrency)
	)
	for range j.options.concurrency {
		testers.Go(func() {
			for range rounds {
				if ctx.Err() != nil {
					return
				}
				if _, err := org.Test(ctx, sub.ID, sender.TestRequest{Type: j.source.requested}); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	testers.Wait()
	close(failed)
	return <-failed
}

// subscribe makes org i and its subscription of the endpoint.
func (j job) subscribe(ctx context.Context, i int) (*sender.Org, sender.Subscription, error) {
	wanted := sender.Subscription{URL: j.options.url, Events: []string{j.source.requested}}
	if first := j.source.first; first.Device != "" {
		wanted.Devices = []sender.Device{{ID: first.Device, Channel: first.Channel}}
	}
	org := j.sender.Org(fmt.Sprintf("org-%d", i))
	sub, _, err := org.Subscribe(ctx, wanted, j.options.secrets...)
	return org, sub, faulty(err)
}

// faulty marks the sender's complaints about what it was given as faults of the command line.
func faulty(err error) error {
	for _, cause := range []error{sender.ErrInvalid, sender.ErrForbiddenURL, sender.ErrTooLarge} {
		if errors.Is(err, cause) {
			return usageError{err}
		}
	}
	return err
}
