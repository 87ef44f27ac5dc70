package storetest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// publications plants a fault into what Enqueue is told.
func publications(name, caughtBy string, change func(p *driver.Publication)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.enqueue = func(
			ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
		) ([]driver.Enqueued, []driver.Claim, error) {
			pubs = slices.Clone(pubs)
			for i := range pubs {
				change(&pubs[i])
			}
			return f.Store.Enqueue(ctx, pubs, r)
		}
	})
}

func enqueueFaults() []fault {
	return []fault{
		publications("topics forgotten", "EnqueueMakesOneDeliveryHoweverManyTopicsAreShared", func(p *driver.Publication) {
			p.Topics = p.Topics[:min(1, len(p.Topics))]
		}),
		publications("digests not compared", "TheSameEventWithAnotherDigestIsAConflict", func(p *driver.Publication) {
			p.Digest = [32]byte{}
		}),
		publications("bodies compared instead of digests", "ZeroDigestsAreEqualWhateverTheBodies",
			func(p *driver.Publication) {
				p.Digest = sha256.Sum256(p.Event.Body)
			}),
		publications("bodies without their zero bytes", "BodiesComeBackBitForBit", func(p *driver.Publication) {
			p.Event.Body = bytes.ReplaceAll(p.Event.Body, []byte{0}, nil)
		}),
		publications("bodies trimmed", "BodiesComeBackBitForBit", func(p *driver.Publication) {
			p.Event.Body = bytes.TrimSpace(p.Event.Body)
		}),
		publications("traces dropped", "EventsComeBackAsTheyWere", func(p *driver.Publication) { p.Trace = "" }),
		publications("identities not of an org", "OneIDInTwoOrgsIsTwoEvents", func(p *driver.Publication) {
			p.Org = "org_acme"
		}),
		plant("identities forgotten within a batch", "ATwinInOneCallIsADuplicate", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				pubs = slices.Clone(pubs)
				for i := range pubs {
					pubs[i].Event.ID = fmt.Sprint(pubs[i].Event.ID, "#"[:min(i, 1)])
				}
				return f.Store.Enqueue(ctx, pubs, r)
			}
		}),
		plant("one failure fails all", "EnqueueFailureOfOneSpoilsNoOther", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				results, claims, err := f.Store.Enqueue(ctx, pubs, r)
				for _, e := range results {
					if e.Err != nil {
						return nil, nil, e.Err
					}
				}
				return results, claims, err
			}
		}),
		plant("inactive ones unnamed", "EnqueueReachesInactiveSubscriptionsAndNamesThem", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				results, claims, err := f.Store.Enqueue(ctx, pubs, r)
				for i := range results {
					results[i].Inactive = nil
				}
				return results, claims, err
			}
		}),
		plant("tests born free", "BornClaimedTestsAreAlwaysLeased", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				return f.Store.Enqueue(ctx, pubs, nil)
			}
		}),
		plant("born claimed beyond quota", "BornClaimedKeepsToTheQuota", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				if r != nil {
					free := *r
					free.Quota, r = nil, &free
				}
				return f.Store.Enqueue(ctx, pubs, r)
			}
		}),
		plant("cancelled contexts ignored", "ACancelledContextEndsEveryCall", func(f *faulty) {
			f.enqueue = func(
				ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
			) ([]driver.Enqueued, []driver.Claim, error) {
				return f.Store.Enqueue(context.WithoutCancel(ctx), pubs, r)
			}
		}),
	}
}
