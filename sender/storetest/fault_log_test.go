package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// rows plants a fault into what Deliveries shows.
func rows(name, caughtBy string, change func(d *sender.Delivery)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.deliveries = func(ctx context.Context, q sender.DeliveryQuery) ([]sender.Delivery, error) {
			list, err := f.Store.Deliveries(ctx, q)
			for i := range list {
				change(&list[i])
			}
			return list, err
		}
	})
}

// queries plants a fault into what Deliveries is asked.
func queries(name, caughtBy string, change func(q *sender.DeliveryQuery)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.deliveries = func(ctx context.Context, q sender.DeliveryQuery) ([]sender.Delivery, error) {
			change(&q)
			return f.Store.Deliveries(ctx, q)
		}
	})
}

// logs plants a fault into what Attempts shows.
func logs(name, caughtBy string, change func([]sender.Attempt) []sender.Attempt) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.attempts = func(ctx context.Context, org, id string) ([]sender.Attempt, error) {
			list, err := f.Store.Attempts(ctx, org, id)
			return change(list), err
		}
	})
}

func logFaults() []fault {
	made := 0
	return []fault{
		rows("ids in sequence", "DeliveryIDsAre26CrockfordCharactersAndNotInSequence", func(d *sender.Delivery) {
			made++
			d.ID = fmt.Sprintf("%026d", made)
		}),
		rows("held not shown", "HeldIsHowPendingReadsWhileInactive", func(d *sender.Delivery) {
			if d.State == sender.StateHeld {
				d.State = sender.StatePending
			}
		}),
		rows("replay marker lost", "ReplayMakesANewDelivery", func(d *sender.Delivery) { d.ReplayedFrom = "" }),
		queries("cursor ignored", "DeliveriesComeInPages", func(q *sender.DeliveryQuery) { q.After = "" }),
		queries("no page unless told", "DeliveriesComeInPagesOf100UnlessToldOtherwise", func(q *sender.DeliveryQuery) {
			if q.Limit == 0 {
				q.Limit = 1 << 30
			}
		}),
		queries("until included", "SinceIsIncludedAndUntilIsNot", func(q *sender.DeliveryQuery) {
			if !q.Until.IsZero() {
				q.Until = q.Until.Add(1)
			}
		}),
		queries("channel ignored", "EveryFilterSelects", func(q *sender.DeliveryQuery) { q.Channel = "" }),
		logs("an attempt row dropped", "AttemptsStandInTheOrderLogged", func(list []sender.Attempt) []sender.Attempt {
			return list[:max(0, len(list)-1)]
		}),
		logs("attempts newest first", "AttemptsStandInTheOrderLogged", func(list []sender.Attempt) []sender.Attempt {
			slices.Reverse(list)
			return list
		}),
		logs("attempts dated when they ended", "AttemptsBeganByTheStoresClock", func(list []sender.Attempt) []sender.Attempt {
			for i := range list {
				list[i].At = list[i].At.Add(list[i].Duration)
			}
			return list
		}),
		logs("lapses leave no trace", "ALapsedLeaseLeavesAnAttemptOfUnknownResult", func(list []sender.Attempt) []sender.Attempt {
			return slices.DeleteFunc(list, func(a sender.Attempt) bool { return a.ErrorClass == sender.ClassUnknown })
		}),
		plant("foreign events handed out", "AForeignEventIsAnUnknownOne", func(f *faulty) {
			f.event = func(ctx context.Context, org, id string) (sender.StoredEvent, error) {
				e, err := f.Store.Event(ctx, org, id)
				if err != nil {
					return f.Store.Event(ctx, "org_rival", id)
				}
				return e, err
			}
		}),
		plant("replayed twice", "ReplayIsMadeOnceWhileUnfinished", func(f *faulty) {
			f.replay = func(ctx context.Context, q sender.ReplayRequest) ([]sender.Replayed, error) {
				list, err := f.Store.Replay(ctx, q)
				if len(list) == 0 && len(q.IDs) > 0 {
					list = []sender.Replayed{{Old: q.IDs[0], New: q.IDs[0]}}
				}
				return list, err
			}
		}),
		plant("replays without a limit", "ReplayComesInPages", func(f *faulty) {
			f.replay = func(ctx context.Context, q sender.ReplayRequest) ([]sender.Replayed, error) {
				q.Limit = 1000
				return f.Store.Replay(ctx, q)
			}
		}),
		plant("live deliveries purged", "PurgeNeverTakesLiveDeliveries", func(f *faulty) {
			f.purge = func(ctx context.Context, r sender.PurgeRequest) (sender.Purged, error) {
				c, err := f.Store.Claim(ctx, sender.ClaimRequest{Limit: 1000, PerSubscription: 1000, Lease: time.Hour})
				var ended []sender.Outcome
				for _, c := range c.Claims {
					ended = append(ended, sender.Outcome{
						Org: c.Delivery.Org, DeliveryID: c.Delivery.ID, Token: c.Token, State: sender.StateCancelled,
					})
				}
				if err == nil {
					_, err = f.Store.Settle(ctx, ended)
				}
				if err != nil {
					return sender.Purged{}, err
				}
				return f.Store.Purge(ctx, r)
			}
		}),
		plant("identities forgotten early", "PurgeForgetsIdentitiesNoSoonerThanAsked", func(f *faulty) {
			f.purge = func(ctx context.Context, r sender.PurgeRequest) (sender.Purged, error) {
				r.Identity /= 2
				return f.Store.Purge(ctx, r)
			}
		}),
		plant("held trimmed too far", "PurgeTrimsTheOldestHeldBeyondTheMaximum", func(f *faulty) {
			f.purge = func(ctx context.Context, r sender.PurgeRequest) (sender.Purged, error) {
				r.HeldMax--
				return f.Store.Purge(ctx, r)
			}
		}),
		plant("failures not counted", "MinutesCountAttempts", func(f *faulty) {
			f.minutes = func(ctx context.Context, org, sub string, back time.Duration) ([]sender.Minute, error) {
				list, err := f.Store.Minutes(ctx, org, sub, back)
				for i := range list {
					list[i].Failed = 0
				}
				return list, err
			}
		}),
	}
}
