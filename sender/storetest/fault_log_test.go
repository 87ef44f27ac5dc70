package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// rows plants a fault into what Deliveries shows.
func rows(name, caughtBy string, change func(d *driver.Delivery)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.deliveries = func(ctx context.Context, q driver.DeliveryQuery) ([]driver.Delivery, error) {
			list, err := f.Store.Deliveries(ctx, q)
			for i := range list {
				change(&list[i])
			}
			return list, err
		}
	})
}

// queries plants a fault into what Deliveries is asked.
func queries(name, caughtBy string, change func(q *driver.DeliveryQuery)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.deliveries = func(ctx context.Context, q driver.DeliveryQuery) ([]driver.Delivery, error) {
			change(&q)
			return f.Store.Deliveries(ctx, q)
		}
	})
}

// logs plants a fault into what Attempts shows.
func logs(name, caughtBy string, change func([]driver.Attempt) []driver.Attempt) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.attempts = func(ctx context.Context, org, id string) ([]driver.Attempt, error) {
			list, err := f.Store.Attempts(ctx, org, id)
			return change(list), err
		}
	})
}

func logFaults() []fault {
	made := 0
	return []fault{
		rows("ids in sequence", "DeliveryIDsAre26CrockfordCharactersAndNotInSequence", func(d *driver.Delivery) {
			made++
			d.ID = fmt.Sprintf("%026d", made)
		}),
		rows("held not shown", "HeldIsHowPendingReadsWhileInactive", func(d *driver.Delivery) {
			if d.State == driver.StateHeld {
				d.State = driver.StatePending
			}
		}),
		rows("replay marker lost", "ReplayMakesANewDelivery", func(d *driver.Delivery) { d.ReplayedFrom = "" }),
		queries("cursor ignored", "DeliveriesComeInPages", func(q *driver.DeliveryQuery) { q.After = "" }),
		queries("no page unless told", "DeliveriesComeInPagesOf100UnlessToldOtherwise", func(q *driver.DeliveryQuery) {
			if q.Limit == 0 {
				q.Limit = 1 << 30
			}
		}),
		queries("until included", "SinceIsIncludedAndUntilIsNot", func(q *driver.DeliveryQuery) {
			if !q.Until.IsZero() {
				q.Until = q.Until.Add(1)
			}
		}),
		queries("channel ignored", "EveryFilterSelects", func(q *driver.DeliveryQuery) { q.Channel = "" }),
		queries("tests taken for live", "LiveAndTestSelect", func(q *driver.DeliveryQuery) { q.Live = false }),
		logs("an attempt row dropped", "AttemptsStandInTheOrderLogged", func(list []driver.Attempt) []driver.Attempt {
			return list[:max(0, len(list)-1)]
		}),
		logs("attempts newest first", "AttemptsStandInTheOrderLogged", func(list []driver.Attempt) []driver.Attempt {
			slices.Reverse(list)
			return list
		}),
		logs("attempts dated when they ended", "AttemptsBeganByTheStoresClock", func(list []driver.Attempt) []driver.Attempt {
			for i := range list {
				list[i].At = list[i].At.Add(list[i].Duration)
			}
			return list
		}),
		logs("lapses leave no trace", "ALapsedLeaseLeavesAnAttemptOfUnknownResult",
			func(list []driver.Attempt) []driver.Attempt {
				return slices.DeleteFunc(list, func(a driver.Attempt) bool { return a.ErrorClass == driver.ClassUnknown })
			}),
		plant("foreign events handed out", "AForeignEventIsAnUnknownOne", func(f *faulty) {
			f.event = func(ctx context.Context, org, id string) (driver.StoredEvent, error) {
				e, err := f.Store.Event(ctx, org, id)
				if err != nil {
					return f.Store.Event(ctx, "org_rival", id)
				}
				return e, err
			}
		}),
		plant("replayed twice", "ReplayIsMadeOnceWhileUnfinished", func(f *faulty) {
			f.replay = func(ctx context.Context, q driver.ReplayRequest) ([]driver.Replayed, error) {
				list, err := f.Store.Replay(ctx, q)
				if len(list) == 0 && len(q.IDs) > 0 {
					list = []driver.Replayed{{Old: q.IDs[0], New: q.IDs[0]}}
				}
				return list, err
			}
		}),
		plant("replays without a limit", "ReplayComesInPages", func(f *faulty) {
			f.replay = func(ctx context.Context, q driver.ReplayRequest) ([]driver.Replayed, error) {
				q.Limit = 1000
				return f.Store.Replay(ctx, q)
			}
		}),
		plant("live deliveries purged", "PurgeNeverTakesLiveDeliveries", func(f *faulty) {
			f.purge = func(ctx context.Context, r driver.PurgeRequest) (driver.Purged, error) {
				c, err := f.Store.Claim(ctx, driver.ClaimRequest{Limit: 1000, PerSubscription: 1000, Lease: time.Hour})
				var ended []driver.Outcome
				for _, c := range c.Claims {
					ended = append(ended, driver.Outcome{
						Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, State: driver.StateCancelled,
					})
				}
				if err == nil {
					_, err = f.Store.Settle(ctx, ended)
				}
				if err != nil {
					return driver.Purged{}, err
				}
				return f.Store.Purge(ctx, r)
			}
		}),
		plant("identities forgotten early", "PurgeForgetsIdentitiesNoSoonerThanAsked", func(f *faulty) {
			f.purge = func(ctx context.Context, r driver.PurgeRequest) (driver.Purged, error) {
				r.Identity /= 2
				return f.Store.Purge(ctx, r)
			}
		}),
		plant("held trimmed too far", "PurgeTrimsTheOldestHeldBeyondTheMaximum", func(f *faulty) {
			f.purge = func(ctx context.Context, r driver.PurgeRequest) (driver.Purged, error) {
				r.HeldMax--
				return f.Store.Purge(ctx, r)
			}
		}),
		plant("failures not counted", "MinutesCountAttempts", func(f *faulty) {
			f.minutes = func(ctx context.Context, org, sub string, back time.Duration) ([]driver.Minute, error) {
				list, err := f.Store.Minutes(ctx, org, sub, back)
				for i := range list {
					list[i].Failed = 0
				}
				return list, err
			}
		}),
	}
}
