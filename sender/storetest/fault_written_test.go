package storetest_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// writtenFaults are in what may be written, how far numbers go, and when things are due.
func writtenFaults() []fault {
	return []fault{
		plant("ends of lines change", "EnqueueGivesEveryTextBack", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, p []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				p = slices.Clone(p)
				for i := range p {
					p[i].Event.Channel = strings.ReplaceAll(p[i].Event.Channel, "\r\n", "\n")
				}
				return f.Store.Enqueue(ctx, p, r)
			}
		}),
		plant("texts are cut", "PutGivesEveryTextBack", func(f *faulty) {
			f.put = func(ctx context.Context, r driver.SubscriptionRecord) (int64, error) {
				r.Name = r.Name[:min(len(r.Name), 1000)]
				return f.Store.PutSubscription(ctx, r)
			}
		}),
		plant("times lose their zone", "EnqueueGivesEveryTimeBack", func(f *faulty) {
			f.event = func(ctx context.Context, org, id string) (driver.StoredEvent, error) {
				e, err := f.Store.Event(ctx, org, id)
				e.Event.CreatedAt = e.Event.CreatedAt.Truncate(time.Minute).Add(time.Minute)
				return e, err
			}
		}),
		plant("times of secrets are lost", "PutGivesEveryTimeBack", func(f *faulty) {
			f.subscriptions = func(ctx context.Context, q driver.SubscriptionQuery) ([]driver.SubscriptionRecord, error) {
				list, err := f.Store.Subscriptions(ctx, q)
				for i := range list {
					for n := range list[i].Sealed {
						list[i].Sealed[n].ExpiresAt = time.Time{}
					}
				}
				return list, err
			}
		}),
		outcomes("odd texts refused", "SettleTakesAnyText",
			func(o *driver.Outcome) { o.Reason, o.State = "", driver.StatePending }),
		outcomes("a wait that wraps", "AWaitWithoutEndIsNotDue",
			func(o *driver.Outcome) { o.After = max(0, o.After+time.Hour) }),
		outcomes("a negative wait is a long one", "NegativeWaitsAreDueAtOnce",
			func(o *driver.Outcome) { o.After = max(-o.After, o.After) }),
		requests("a lease that wraps", "ALeaseWithoutEndHolds",
			func(r *driver.ClaimRequest) { r.Lease = max(1, r.Lease+time.Hour) }),
		plant("a negative duration", "AttemptsMayTakeAnyTime", func(f *faulty) {
			f.attempts = func(ctx context.Context, org, id string) ([]driver.Attempt, error) {
				list, err := f.Store.Attempts(ctx, org, id)
				for i := range list {
					list[i].Duration--
				}
				return list, err
			}
		}),
		plant("Since past the end of time", "SinceAndUntilMayBeOfAnyYear", func(f *faulty) {
			f.deliveries = func(ctx context.Context, q driver.DeliveryQuery) ([]driver.Delivery, error) {
				if q.Since.Year() > 9999 {
					q.Since = time.Time{}
				}
				return f.Store.Deliveries(ctx, q)
			}
		}),
		plant("minutes of a negative span", "MinutesOfNoTimeAndOfAllTime", func(f *faulty) {
			f.minutes = func(ctx context.Context, org, sub string, back time.Duration) ([]driver.Minute, error) {
				return f.Store.Minutes(ctx, org, sub, max(back, -back))
			}
		}),
		plant("ages that wrap", "PurgeTakesAnyAge", func(f *faulty) {
			f.purge = func(ctx context.Context, r driver.PurgeRequest) (driver.Purged, error) {
				r.Finished = max(0, r.Finished+time.Hour)
				return f.Store.Purge(ctx, r)
			}
		}),
	}
}
