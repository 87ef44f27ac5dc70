package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// storm has the customers make their transfers while services and databases are killed, and waits until all is done.
func (c *chain) storm(ctx context.Context) error {
	telling, stop := context.WithCancel(ctx)
	var narrator sync.WaitGroup
	narrator.Go(func() { c.narrate(telling) })
	defer narrator.Wait()
	defer stop()
	work, working := errgroup.WithContext(ctx)
	tickets, requests := make(chan struct{}, c.events), make(chan struct{}, atOnce)
	for range c.events {
		tickets <- struct{}{}
	}
	close(tickets)
	for _, customer := range c.customers {
		work.Go(func() error { return c.serve(working, customer, tickets, requests) })
	}
	work.Go(func() error { return c.killAll(working) })
	if err := work.Wait(); err != nil {
		return err
	}
	c.tell("all transfers are made")
	return c.calm(ctx)
}

// serve makes transfers of one customer, as long as there are tickets. Each is asked for when the one before has
// arrived at the ledger, so that those of an account arrive there in the order of their numbers.
func (c *chain) serve(ctx context.Context, who *customer, tickets, requests chan struct{}) error {
	if err := who.open(ctx); err != nil {
		return err
	}
	for range tickets {
		requests <- struct{}{}
		t, err := who.transfer(ctx)
		<-requests
		if err != nil {
			return err
		}
		c.made.Add(1)
		select {
		case <-c.wire.acknowledged(passage{"ledger", t.Account, t.Number}):
		case <-time.After(patience):
			c.tell("the ledger has not got %v after %v", t, patience)
			return nil // the audit will say so
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// killAll kills as often as is planned, in the course of all transfers.
func (c *chain) killAll(ctx context.Context) error {
	for i := range c.plan.kills {
		for c.made.Load() < int64((i+1)*c.events/(c.plan.kills+1)) && ctx.Err() == nil {
			wait(ctx, 5*time.Millisecond)
		}
		wait(ctx, rand.N(50*time.Millisecond))
		for done := false; !done; {
			var err error
			if done, err = c.kill(ctx); err != nil {
				return err
			}
		}
	}
	if c.plan.kills > 0 {
		c.tell("all kills are done; what the dead had in flight comes again when its lease ends, within %v", lease)
	}
	return nil
}

// kill kills one of the services, or its database. It reports false where there was nothing to kill.
func (c *chain) kill(ctx context.Context) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	p := c.processes[rand.N(len(c.processes))]
	if rand.N(2) == 0 {
		struck, err := c.home.strike(ctx, p.task.Service)
		if struck {
			c.kills[1].Add(1)
		}
		if struck || err != nil {
			return struck, err
		}
	}
	if !p.kill() {
		wait(ctx, 10*time.Millisecond)
		return false, nil
	}
	c.kills[0].Add(1)
	return true, nil
}

// calm waits until nothing is on its way any more. Where that takes too long, the audit shows what is missing.
func (c *chain) calm(ctx context.Context) error {
	for end := time.Now().Add(patience); time.Now().Before(end); wait(ctx, 100*time.Millisecond) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if c.quiet(ctx) {
			c.tell("all transfers have come round")
			return nil
		}
	}
	c.tell("something has not come round after %v", patience)
	return nil
}

// quiet follows the way of a transfer: where nothing is left at one place, nothing comes to the next one after it has
// been looked at.
func (c *chain) quiet(ctx context.Context) bool {
	account, ledger := c.processes[0], c.processes[1]
	for _, p := range []*process{account, ledger, account} {
		s, err := ask(ctx, p)
		if err != nil || s.Sending || s.Inbox.Waiting+s.Inbox.Running > 0 {
			return false
		}
	}
	return true
}

// narrate tells of the progress until ctx ends.
func (c *chain) narrate(ctx context.Context) {
	for wait(ctx, 5*time.Second); ctx.Err() == nil; wait(ctx, 5*time.Second) {
		confirmed := "the account service is away"
		if s, err := ask(ctx, c.processes[0]); err == nil {
			confirmed = fmt.Sprintf("%d confirmed", s.Inbox.Done)
		}
		c.tell("%d made, %s; killed: %d services, %d databases", c.made.Load(), confirmed, c.kills[0].Load(),
			c.kills[1].Load())
	}
}

// ask returns the status of a service.
func ask(ctx context.Context, p *process) (s status, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	address, err := p.address()
	if err != nil {
		return s, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/status", nil)
	if err != nil {
		return s, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return s, fmt.Errorf("GET /status: %s", answer.Status)
	}
	return s, json.NewDecoder(answer.Body).Decode(&s)
}
