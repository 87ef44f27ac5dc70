package storetest_test

import (
	"context"
	"fmt"
	"reflect"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func lostReplyFaults() []fault {
	return []fault{
		plant("duplicates bring leases", "ALostReplyToEnqueueIsADuplicate", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				results, claims, err := f.Store.Enqueue(ctx, pubs, r)
				if err == nil && len(claims) == 0 && r != nil {
					more, err := f.Store.Claim(ctx, *r)
					return results, more.Claims, err
				}
				return results, claims, err
			}
		}),
		plant("leases that hold nobody off", "ALostReplyToClaimIsALapse", func(f *faulty) {
			f.claim = func(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
				c, err := f.Store.Claim(ctx, r)
				var released []driver.Outcome
				for _, c := range c.Claims {
					released = append(released, driver.Outcome{
						Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, Subscription: c.Delivery.SubscriptionID,
						State: driver.StatePending,
					})
				}
				if err == nil {
					_, err = f.Store.Settle(ctx, released)
				}
				return c, err
			}
		}),
		plant("a repeat known in its own batch alone", "ALostReplyToSettleIsRepeatedInAnyBatch", func(f *faulty) {
			batches := map[string]string{}
			f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
				settled, err := f.Store.Settle(ctx, told)
				batch := ""
				for _, o := range told {
					batch += o.DeliveryID
				}
				for i, o := range told {
					key := fmt.Sprint(o.DeliveryID, o.Token)
					if batches[key] == "" {
						batches[key] = batch
					}
					settled[i].Applied = settled[i].Applied && batches[key] == batch
				}
				return settled, err
			}
		}),
		plant("a replay that nobody heard of is nowhere", "ALostReplyToReplayIsInTheLog", func(f *faulty) {
			f.deliveries = func(ctx context.Context, q driver.DeliveryQuery) ([]driver.Delivery, error) {
				list, err := f.Store.Deliveries(ctx, q)
				if len(list) > 1 {
					list = list[1:]
				}
				return list, err
			}
		}),
		plant("the same again is no conflict", "ALostReplyToPutIsAConflictWithItself", func(f *faulty) {
			var last driver.SubscriptionRecord
			f.put = func(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
				if reflect.DeepEqual(r, last) {
					return r.Version + 1, nil
				}
				last = r
				return f.Store.PutSubscription(ctx, r)
			}
		}),
	}
}
