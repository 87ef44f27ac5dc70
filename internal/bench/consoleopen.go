package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"
)

// lookEvery is how often somebody loads a page of an open dashboard.
const lookEvery = 2 * time.Second

// delivers compares deliveries with and without somebody who looks at the dashboard meanwhile.
func (b *bench) delivers(ctx context.Context) error {
	far, err := startSink(ctx)
	if err != nil {
		return err
	}
	defer far.stop()
	pg, err := b.postgres()
	if err != nil {
		return err
	}
	n := b.pick(30_000, 100_000)
	closed := pg.ours(far, drainWorkers).sustains(n, inBatches(100))
	closed.name = "nobody looks"
	open := pg.ours(far, drainWorkers).watched().sustains(n, inBatches(100))
	open.name = "console open"
	fmt.Fprintf(b.out, "%d events published and delivered, somebody loads a page every %v\n", n, lookEvery)
	r, err := contest(ctx, b.out, b.rounds(), closed, open)
	if err != nil {
		return err
	}
	b.judge(
		atMost("console-open", r.ratio(sample.rate, closed.name, open.name), 1.02),
		atMost("console-open-cpu", r.ratio(sample.cpuPerOp, open.name, closed.name), 1.02),
	)
	return nil
}

// watched is an entrant of ours at whose dashboard somebody looks while it runs.
func (e entrant) watched() entrant {
	open := e.open
	e.open = func(ctx context.Context) (system, func(), error) {
		s, done, err := open(ctx)
		if err != nil {
			return nil, nil, err
		}
		h, err := dashboard(s.(ours).sender)
		if err != nil {
			done()
			return nil, nil, err
		}
		return watchedSystem{s.(ours), h}, done, nil
	}
	return e
}

type watchedSystem struct {
	ours
	dashboard http.Handler
}

func (w watchedSystem) run(ctx context.Context) (stop func() error, err error) {
	stop, err = w.ours.run(ctx)
	if err != nil {
		return nil, err
	}
	looking, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.look(looking) }()
	return func() error {
		cancel()
		if err := <-ended; err != nil {
			return err
		}
		return stop()
	}, nil
}

// look loads one page after the other until ctx ends.
func (w watchedSystem) look(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for pages := []string{"/", "/logs", "/dead", "/events", "/webhooks"}; ; pages = append(pages[1:], pages[0]) {
		answer := httptest.NewRecorder()
		w.dashboard.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, pages[0], nil))
		if answer.Code != http.StatusOK && ctx.Err() == nil {
			return fmt.Errorf("dashboard: %s: status %d", pages[0], answer.Code)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
