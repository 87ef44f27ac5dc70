package sender_test

import (
	"context"
	"errors"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

var errAway = errors.New("the store is away")

// away is a memory store of which one method fails.
type away struct {
	*memstore.Store
	method string
}

func (a *away) fails(method string) error {
	if a.method == method {
		return errAway
	}
	return nil
}

func (a *away) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
	if err := a.fails("PutSubscription"); err != nil {
		return 0, err
	}
	return a.Store.PutSubscription(ctx, r)
}

func (a *away) DeleteSubscription(ctx context.Context, org, id string) error {
	if err := a.fails("DeleteSubscription"); err != nil {
		return err
	}
	return a.Store.DeleteSubscription(ctx, org, id)
}

func (a *away) Subscriptions(ctx context.Context, q sender.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
	if err := a.fails("Subscriptions"); err != nil {
		return nil, err
	}
	return a.Store.Subscriptions(ctx, q)
}

func (a *away) Event(ctx context.Context, org, id string) (sender.StoredEvent, error) {
	if err := a.fails("Event"); err != nil {
		return sender.StoredEvent{}, err
	}
	return a.Store.Event(ctx, org, id)
}

func (a *away) Deliveries(ctx context.Context, q sender.DeliveryQuery) ([]sender.Delivery, error) {
	if err := a.fails("Deliveries"); err != nil {
		return nil, err
	}
	return a.Store.Deliveries(ctx, q)
}

func (a *away) Attempts(ctx context.Context, org, delivery string) ([]sender.Attempt, error) {
	if err := a.fails("Attempts"); err != nil {
		return nil, err
	}
	return a.Store.Attempts(ctx, org, delivery)
}

func (a *away) Minutes(ctx context.Context, org, sub string, back time.Duration) ([]sender.Minute, error) {
	if err := a.fails("Minutes"); err != nil {
		return nil, err
	}
	return a.Store.Minutes(ctx, org, sub, back)
}

func (a *away) Replay(ctx context.Context, r driver.ReplayRequest) ([]sender.Replayed, error) {
	if err := a.fails("Replay"); err != nil {
		return nil, err
	}
	return a.Store.Replay(ctx, r)
}

func (a *away) RetryNow(ctx context.Context, q sender.DeliveryQuery) ([]string, error) {
	if err := a.fails("RetryNow"); err != nil {
		return nil, err
	}
	return a.Store.RetryNow(ctx, q)
}

func (a *away) Cancel(ctx context.Context, q sender.DeliveryQuery) ([]sender.Cancelled, error) {
	if err := a.fails("Cancel"); err != nil {
		return nil, err
	}
	return a.Store.Cancel(ctx, q)
}
