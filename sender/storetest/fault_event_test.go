package storetest_test

import (
	"context"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// eventQueries plants a fault into what Events is asked.
func eventQueries(name, caughtBy string, change func(q *driver.EventQuery)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.events = func(ctx context.Context, q driver.EventQuery) ([]driver.StoredEvent, error) {
			change(&q)
			return f.Store.Events(ctx, q)
		}
	})
}

// erases plants a fault into Erase.
func erases(
	name, caughtBy string, change func(ctx context.Context, f *faulty, org string, limit int) (int, error),
) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.erase = func(ctx context.Context, org string, limit int) (int, error) { return change(ctx, f, org, limit) }
	})
}

func eventFaults() []fault {
	return []fault{
		eventQueries("event cursor ignored", "EventsAreListedByPages", func(q *driver.EventQuery) { q.After = "" }),
		eventQueries("no page of events unless told", "EventsAreListedByPages", func(q *driver.EventQuery) {
			if q.Limit == 0 {
				q.Limit = 1 << 30
			}
		}),
		eventQueries("device of events ignored", "EveryFilterSelectsEvents", func(q *driver.EventQuery) { q.Device = "" }),
		eventQueries("until of events ignored", "EveryFilterSelectsEvents", func(q *driver.EventQuery) { q.Until = q.Since }),
		eventQueries("undelivered ignored", "EventsThatNobodyWantedAreFound",
			func(q *driver.EventQuery) { q.Undelivered = false }),
		plant("events oldest first", "EventsAreListedNewestFirst", func(f *faulty) {
			f.events = func(ctx context.Context, q driver.EventQuery) ([]driver.StoredEvent, error) {
				list, err := f.Store.Events(ctx, q)
				slices.Reverse(list)
				return list, err
			}
		}),
		plant("events with bodies", "EventsAreListedNewestFirst", func(f *faulty) {
			f.events = func(ctx context.Context, q driver.EventQuery) ([]driver.StoredEvent, error) {
				list, err := f.Store.Events(ctx, q)
				for i := range list {
					list[i].Event.Body = []byte("{}")
				}
				return list, err
			}
		}),
		erases("erase does nothing", "EraseLeavesNothingOfAnOrg", func(context.Context, *faulty, string, int) (int, error) {
			return 0, nil
		}),
		erases("erase in one go", "EraseKeepsToItsLimit", func(
			ctx context.Context, f *faulty, org string, _ int,
		) (int, error) {
			return f.Store.Erase(ctx, org, 1<<30)
		}),
		erases("erase takes all orgs", "EraseLeavesOtherOrgsAlone", func(
			ctx context.Context, f *faulty, org string, limit int,
		) (int, error) {
			if _, err := f.Store.Erase(ctx, "org_rival", limit); err != nil {
				return 0, err
			}
			return f.Store.Erase(ctx, org, limit)
		}),
		erases("erase leaves subscriptions to the end", "EraseKeepsToItsLimit", func(
			ctx context.Context, f *faulty, org string, limit int,
		) (int, error) {
			records, err := f.Store.Subscriptions(ctx, driver.SubscriptionQuery{Org: org})
			if err != nil {
				return 0, err
			}
			n, err := f.Store.Erase(ctx, org, limit)
			for _, r := range records {
				r.Version = 0
				if list, _ := f.Store.Deliveries(ctx, driver.DeliveryQuery{Org: org}); len(list) > 0 {
					_, _ = f.Store.PutSubscription(ctx, r)
				}
			}
			return n, err
		}),
	}
}
