package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kirimhooks/kirimhooks/signature"
)

// chain is a run in progress.
type chain struct {
	plan
	home      home
	wire      *wire
	processes []*process // in the order of services
	customers []*customer
	began     time.Time
	made      atomic.Int64    // transfers
	kills     [2]atomic.Int64 // of services, of databases

	telling sync.Mutex
	out     io.Writer
}

const (
	perAccount = 25              // transfers, about
	atOnce     = 3               // requests of customers
	patience   = 3 * time.Minute // for the last transfer to come round
)

// play carries out a plan and tells of it on out.
func play(ctx context.Context, p plan, out io.Writer) (found *findings, err error) {
	h, err := newHome(ctx, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.remove()) }()
	c := &chain{plan: p, home: h, out: out, began: time.Now()}
	if err := c.perform(ctx); err != nil {
		return nil, err
	}
	if found, err = c.audit(ctx); err == nil {
		c.conclude(found)
	}
	return found, err
}

// conclude tells what the audit found.
func (c *chain) conclude(found *findings) {
	const most = 20
	for _, note := range found.notes[:min(most, len(found.notes))] {
		c.tell("audit: %s", note)
	}
	if more := len(found.notes) - most; more > 0 {
		c.tell("audit: and %d more", more)
	}
	c.tell("audit: %d.%02d transferred; accounts and books are off by %d cents", found.total/100, found.total%100,
		found.off)
	fmt.Fprintf(c.out, "CHAIN events=%d kills=%d lost=%d doubled=%d disordered=%d\n", c.events, c.killed(), found.lost,
		found.doubled, found.disordered)
}

func (c *chain) tell(format string, args ...any) {
	c.telling.Lock()
	defer c.telling.Unlock()
	fmt.Fprintf(c.out, "%4.0fs  %s\n", time.Since(c.began).Seconds(), fmt.Sprintf(format, args...))
}

func (c *chain) killed() int64 { return c.kills[0].Load() + c.kills[1].Load() }

// perform lets everything happen, until all transfers have come round and the services have ended.
func (c *chain) perform(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.prepare("http://" + listener.Addr().String())
	paths := http.NewServeMux()
	paths.Handle("POST /to/{service}", c.wire)
	wire := &http.Server{Handler: paths, ReadHeaderTimeout: 5 * time.Second}

	living, end := context.WithCancel(ctx)
	defer end()
	all, living := errgroup.WithContext(living)
	all.Go(func() error {
		if err := wire.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	for _, p := range c.processes {
		all.Go(func() error { return p.keep(living) })
	}
	all.Go(func() error {
		defer wire.Close()
		defer end()
		return c.storm(living)
	})
	if err := all.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// prepare makes the processes, and the customers.
func (c *chain) prepare(url string) {
	secrets := map[string]string{}
	to := map[string]*process{}
	for _, service := range services {
		secrets[service] = signature.GenerateSecret().Reveal()
	}
	for i, service := range services {
		peer := services[1-i]
		p := &process{task: task{
			Service: service, Database: c.home.at(service), Peer: url + "/to/" + peer,
			Sign: secrets[service], Verify: secrets[peer],
		}}
		c.processes, to[service] = append(c.processes, p), p
	}
	c.wire = newWire(to)
	for i := range c.events/perAccount + 4 {
		c.customers = append(c.customers, &customer{account: fmt.Sprintf("acc_%d", i+1), bank: to["account"]})
	}
	c.tell("%d transfers from %d accounts, %d kills", c.events, len(c.customers), c.plan.kills)
}

// audit reads the databases, which nobody uses any more.
func (c *chain) audit(ctx context.Context) (*findings, error) {
	accounts, err := c.home.read("account")
	if err != nil {
		return nil, err
	}
	defer accounts.Close()
	ledger, err := c.home.read("ledger")
	if err != nil {
		return nil, err
	}
	defer ledger.Close()
	a := &audit{accounts: accounts, ledger: ledger, customers: c.customers, passages: c.wire.passages}
	return a.examine(ctx)
}
