package sender

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// TestRequest picks the sample of a test; the zero value takes the subscription's first event type and device.
type TestRequest struct {
	Type    string // Defaults to the subscription's first.
	Channel string // of one of its devices; Kirisan only. Defaults to the first's.
}

// TestResult is the attempt of a test, and what came of it.
type TestResult struct {
	Attempt
	DeliveryID string // "wbd_…", as the log has it
	Delivered  bool   // the contract takes the answer for success
	Status     Status // of the subscription now: a success makes one active that waited for it
}

// Test sends a sample to a subscription, whatever its status, in the caller's goroutine; it works before
// Run. A test is never retried and leaves the subscription's health alone. A successful one makes a
// subscription active that waits for it.
//
// An endpoint that failed is no error: see TestResult.Delivered. Errors: [ErrNotFound]; [ErrInvalid] if the contract
// has no sample of the type; the context's, if it ends first; those of the store.
func (o *Org) Test(ctx context.Context, id string, t TestRequest) (TestResult, error) {
	r, err := o.record(ctx, id)
	if err != nil {
		return TestResult{}, err
	}
	contract := o.s.contract(r.Contract)
	if contract == nil || contract.Sample == nil {
		return TestResult{}, fmt.Errorf("%w: test %s: contract %q has no sample", ErrInvalid, id, r.Contract)
	}
	pub, err := o.sample(contract, &r, t)
	if err != nil {
		return TestResult{}, fmt.Errorf("sender: test %s: %w", id, bare(err))
	}
	pub.Trace = o.s.traceparent(ctx)
	lease := contract.TestTimeout + leaseMargin
	until := time.Now().Add(lease)
	results, claims, err := o.s.store.Enqueue(ctx, []driver.Publication{pub}, &driver.ClaimRequest{
		Worker: o.s.cfg.Worker, Limit: 1, PerSubscription: 1, Lease: lease,
	})
	if err == nil {
		err = results[0].Err
	}
	if err == nil && len(claims) != 1 {
		err = fmt.Errorf("the store leased %d deliveries instead of 1", len(claims))
	}
	if err != nil {
		return TestResult{}, fmt.Errorf("sender: test %s: %w", id, bare(err))
	}
	result, err := o.attemptTest(ctx, (*claim)(&claims[0]), until)
	if err != nil {
		return TestResult{}, fmt.Errorf("sender: test %s: %w", id, bare(err))
	}
	return result, nil
}

// attemptTest makes the one attempt of a test and writes what became of it, also if the caller gives up meanwhile.
func (o *Org) attemptTest(ctx context.Context, c *claim, until time.Time) (TestResult, error) {
	done := o.s.process(ctx, c, until)
	if done.outcome.State == StatePending {
		attempt, reason := done.outcome.Attempt, done.outcome.Reason
		if ctx.Err() != nil {
			reason = "given up"
		}
		done = c.end(StateDead, reason).with(attempt)
	}
	lasting := context.WithoutCancel(ctx)
	settled, err := o.s.settle(lasting, []conclusion{done}, o.s.cfg.StoreTimeout)
	if err != nil {
		return TestResult{}, err
	}
	if settled[0].Applied {
		o.s.settled(lasting, &done, settled[0])
	}
	attempt := done.outcome.Attempt
	switch {
	case attempt == nil && ctx.Err() == nil:
		return TestResult{}, fmt.Errorf("no request was made: %s", done.outcome.Reason)
	case attempt == nil || attempt.ErrorClass == ClassUnknown:
		return TestResult{}, cmp.Or(context.Cause(ctx), errors.New("the attempt broke off; see the log"))
	}
	result := TestResult{
		Attempt:    *attempt,
		DeliveryID: deliveryPrefix + c.Delivery.ID,
		Delivered:  done.outcome.State == StateDelivered,
		Status:     c.Subscription.Status,
	}
	if result.Delivered {
		if r, ok := o.activate(lasting, c.Delivery.SubscriptionID, c.Subscription); ok {
			result.Status = r.Status
		}
	}
	return result, nil
}

// sample makes the publication of a test.
func (o *Org) sample(contract *Contract, r *driver.SubscriptionRecord, t TestRequest) (driver.Publication, error) {
	device := Device{}
	if contract.Endpoint.Devices {
		i := slices.IndexFunc(r.Devices, func(d Device) bool { return t.Channel == "" || d.Channel == t.Channel })
		if i < 0 {
			return driver.Publication{}, invalid("Channel", "the subscription has no device on %q", t.Channel)
		}
		device = r.Devices[i]
	}
	eventType := cmp.Or(t.Type, r.Events[0])
	if t.Type == "" {
		// The first type may not occur on the first device's channel.
		if i := slices.IndexFunc(r.Events, func(e string) bool {
			return contract.sends(device.Channel,
				contract.canonical(e))
		}); i >= 0 {
			eventType = r.Events[i]
		}
	}
	ev, err := contract.Sample(contract.canonical(eventType), device)
	if err != nil {
		return driver.Publication{}, invalid("Type", "%w", bare(err))
	}
	pub, err := o.publication(ev)
	pub.Only = r.ID
	return pub, err
}
