package storetest_test

import (
	"context"
	"errors"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func directoryFaults() []fault {
	return []fault{
		plant("versions not compared", "PutOfAnotherVersionIsAConflict", func(f *faulty) {
			f.put = func(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
				version, err := f.Store.PutSubscription(ctx, r)
				if !errors.Is(err, driver.ErrConflict) || r.Version == 0 {
					return version, err
				}
				known, err := f.Store.Subscriptions(ctx, driver.SubscriptionQuery{Org: r.Org, IDs: []string{r.ID}})
				if err != nil {
					return 0, err
				}
				r.Version = known[0].Version
				return f.Store.PutSubscription(ctx, r)
			}
		}),
		plant("held ones lost on resume", "ResumeMakesAllThatIsDueClaimable", func(f *faulty) {
			f.put = func(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
				if r.Status == driver.StatusActive {
					if _, err := f.Store.Purge(ctx, driver.PurgeRequest{Finished: 1 << 60, Identity: 1 << 60,
						Limit: 1000}); err != nil {
						return 0, err
					}
				}
				return f.Store.PutSubscription(ctx, r)
			}
		}),
		plant("health kept at another URL", "HealthIsZeroAtAnotherURL", func(f *faulty) {
			f.put = func(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
				known, err := f.Store.Subscriptions(ctx, driver.SubscriptionQuery{Org: r.Org, IDs: []string{r.ID}})
				if err != nil {
					return 0, err
				}
				if len(known) > 0 {
					r.URL = known[0].URL
				}
				return f.Store.PutSubscription(ctx, r)
			}
		}),
		plant("headers dropped", "SubscriptionsComeBackAsTheyWerePut", func(f *faulty) {
			f.put = func(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
				r.Headers = nil
				return f.Store.PutSubscription(ctx, r)
			}
		}),
		plant("deleting what is not there succeeds", "DeleteOfAnUnknownSubscriptionIsNotFound", func(f *faulty) {
			f.remove = func(ctx context.Context, org, id string) error {
				if err := f.Store.DeleteSubscription(ctx, org, id); !errors.Is(err, driver.ErrNotFound) {
					return err
				}
				return nil
			}
		}),
		plant("deleting only pauses", "DeleteStopsItsDeliveries", func(f *faulty) {
			f.remove = func(ctx context.Context, org, id string) error {
				known, err := f.Store.Subscriptions(ctx, driver.SubscriptionQuery{Org: org, IDs: []string{id}})
				if err != nil || len(known) == 0 {
					return errors.Join(err, driver.ErrNotFound)
				}
				known[0].Status = driver.StatusPaused
				_, err = f.Store.PutSubscription(ctx, known[0])
				return err
			}
		}),
		plant("subscriptions in any order", "SubscriptionsAreListedByID", func(f *faulty) {
			f.subscriptions = func(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
				list, err := f.Store.Subscriptions(ctx, q)
				slices.Reverse(list)
				return list, err
			}
		}),
	}
}
