//go:build unix

package harness_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/harness"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// flaw is a store that breaks one promise.
type flaw struct {
	sender.Store
	enqueue func(s sender.Store, ctx context.Context, pubs []driver.Publication,
		r *driver.ClaimRequest) ([]driver.Enqueued, []driver.Claim, error)
	claimed func(c *driver.Claims)
	settle  func(o *driver.Outcome)
}

func (f flaw) Enqueue(
	ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	if f.enqueue != nil {
		return f.enqueue(f.Store, ctx, pubs, r)
	}
	return f.Store.Enqueue(ctx, pubs, r)
}

func (f flaw) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	asked := r
	if f.claimed != nil {
		asked.Limit = max(1, r.Limit/2)
	}
	claims, err := f.Store.Claim(ctx, asked)
	if f.claimed != nil {
		f.claimed(&claims)
	}
	return claims, err
}

func (f flaw) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	if f.settle != nil {
		for i := range outcomes {
			f.settle(&outcomes[i])
		}
	}
	return f.Store.Settle(ctx, outcomes)
}

// flaws are SQLite backends that are not to be trusted, by the check that has to find it out.
var flaws = map[string]harness.Backend{
	"nothing accepted is lost": flawed("lossy", flaw{
		enqueue: func(
			s sender.Store, ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
		) ([]driver.Enqueued, []driver.Claim, error) {
			if time.Now().UnixNano()%7 == 0 {
				return make([]driver.Enqueued, len(pubs)), nil, nil
			}
			return s.Enqueue(ctx, pubs, r)
		},
	}),
	"nothing before it is due": flawed("hasty", flaw{settle: func(o *driver.Outcome) { o.After = 0 }}),
	"at most one live claim": flawed("generous", flaw{claimed: func(c *driver.Claims) {
		c.Claims = append(c.Claims, c.Claims...)
	}}),
	"nothing unexpected is sent": flawed("forging", flaw{claimed: func(c *driver.Claims) {
		for i := range c.Claims {
			forged := *c.Claims[i].Event
			forged.Event.Body = bytes.Replace(forged.Event.Body, []byte("note"), []byte("nope"), 1)
			c.Claims[i].Event = &forged
		}
	}}),
	"the order and its event are both there or neither": torn(),
	"progress": flawed("lazy", flaw{claimed: func(c *driver.Claims) { c.Claims = nil }}),
}

func flawed(name string, f flaw) harness.Backend {
	b := sqlite
	b.Name = name
	b.Open = func(ctx context.Context, address string) (*harness.Opened, error) {
		o, err := sqlite.Open(ctx, address)
		if err == nil {
			f.Store = o.Store
			o.Store = f
		}
		return o, err
	}
	return b
}

// torn publishes outside the host's transaction.
func torn() harness.Backend {
	b := sqlite
	b.Name = "torn"
	b.Open = func(ctx context.Context, address string) (*harness.Opened, error) {
		o, err := sqlite.Open(ctx, address)
		if err != nil {
			return nil, err
		}
		order := o.Order
		o.Order = func(ctx context.Context, id string, publish func(driver.Enqueuer) error) error {
			if err := publish(o.Store); err != nil {
				return err
			}
			return order(ctx, id, func(driver.Enqueuer) error { return nil })
		}
		return o, nil
	}
	return b
}

// TestFlaws shows that a run finds out a store that breaks its promises. A run that was too short for the flaw to show,
// on a busy machine, is repeated under another seed.
func TestFlaws(t *testing.T) {
	t.Parallel()
	for check, backend := range flaws {
		t.Run(backend.Name, func(t *testing.T) {
			var report *harness.Report
			for try := range 5 {
				plan := harness.Plan{
					Backend: backend, Address: sqliteFile(t), Workers: 2, Work: time.Duration(1+2*try) * time.Second,
					Patience: 5 * time.Second,
				}
				report = carryOut(t, plan)
				if slices.ContainsFunc(report.Violations, func(v harness.Violation) bool { return v.Check == check }) {
					return
				}
			}
			t.Fatalf("not found out: %v\n%v", report, report.Violations)
		})
	}
}
