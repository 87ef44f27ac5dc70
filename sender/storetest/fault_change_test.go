package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// replays plants a fault into what Replay is asked.
func replays(name, caughtBy string, change func(r *driver.ReplayRequest)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.replay = func(ctx context.Context, r driver.ReplayRequest) ([]driver.Replayed, error) {
			change(&r)
			return f.Store.Replay(ctx, r)
		}
	})
}

// cancels plants a fault into what Cancel answers.
func cancels(
	name, caughtBy string, change func(f *faulty, ctx context.Context, list []driver.Cancelled) []driver.Cancelled,
) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.cancel = func(ctx context.Context, q driver.DeliveryQuery) ([]driver.Cancelled, error) {
			list, err := f.Store.Cancel(ctx, q)
			return change(f, ctx, list), err
		}
	})
}

// settlements plants a fault into what Settle answers.
func settlements(name, caughtBy string, change func(told []driver.Outcome, settled []driver.Settled)) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
			settled, err := f.Store.Settle(ctx, told)
			change(told, settled)
			return settled, err
		}
	})
}

// named is a Replay that names what a filter would select: each of them is repeated, whatever came later.
func named(
	f *faulty, ctx context.Context, r driver.ReplayRequest, keep func(driver.Delivery) bool,
) ([]driver.Replayed, error) {
	all := r.DeliveryQuery
	all.Limit = 1000
	list, err := f.Store.Deliveries(ctx, all)
	if err != nil || r.Named {
		return f.Store.Replay(ctx, r)
	}
	r.IDs, r.Named = []string{""}, true
	for _, d := range list {
		if keep(d) {
			r.IDs = append(r.IDs, d.ID)
		}
	}
	return f.Store.Replay(ctx, r)
}

// selections are faults of Replay by filter.
func selections() []fault {
	byName := func(name, caughtBy string, keep func(driver.Delivery) bool) fault {
		return plant(name, caughtBy, func(f *faulty) {
			f.replay = func(ctx context.Context, r driver.ReplayRequest) ([]driver.Replayed, error) {
				return named(f, ctx, r, keep)
			}
		})
	}
	all := func(driver.Delivery) bool { return true }
	unrepeated := func(d driver.Delivery) bool { return d.ReplayedBy == "" }
	return []fault{
		byName("one for each delivery, not for each event", "AFilterRepeatsTheNewestOfEachEvent", all),
		byName("what arrived is sent again", "AFilterRepeatsNothingThatArrivedLater", all),
		byName("again and again", "TheSameFilterAgainRepeatsOnceMoreUntilItArrives", all),
		byName("only its own replays looked at", "AFilterRepeatsNothingOfWhichALaterOneIsUnfinished", unrepeated),
		byName("whatever was repeated is left out", "AFilterThatLeavesLaterOnesOutRepeatsWhatItSelects", unrepeated),
		plant("one for each page", "AFilterRepeatsEachEventOnceOverAllPages", func(f *faulty) {
			f.replay = func(ctx context.Context, r driver.ReplayRequest) ([]driver.Replayed, error) {
				if !r.Named && r.After != "" {
					seen, err := f.Store.Deliveries(ctx, driver.DeliveryQuery{Org: r.Org, IDs: []string{r.After}})
					if err == nil {
						r.Until, r.After = seen[0].CreatedAt.Add(1), ""
					}
				}
				return named(f, ctx, r, all)
			}
		}),
		replays("names are filters", "ANamedDeliveryIsRepeatedWhateverCameLater",
			func(r *driver.ReplayRequest) { r.Named = false }),
		replays("filters by id are names", "AFilterByIDsRepeatsTheNewestOfThem",
			func(r *driver.ReplayRequest) { r.Named = len(r.IDs) > 0 }),
		rows("no forward link", "ReplayedByNamesTheNewestReplay", func(d *driver.Delivery) { d.ReplayedBy = "" }),
	}
}

func changeFaults() []fault {
	retries := func(
		name, caughtBy string, change func(f *faulty, ctx context.Context, q driver.DeliveryQuery) ([]string, error),
	) fault {
		return plant(name, caughtBy, func(f *faulty) {
			f.retryNow = func(ctx context.Context, q driver.DeliveryQuery) ([]string, error) { return change(f, ctx, q) }
		})
	}
	idle := func(f *faulty, ctx context.Context, q driver.DeliveryQuery) (ids []string, err error) {
		list, err := f.Store.Deliveries(ctx, q)
		for _, d := range list {
			ids = append(ids, d.ID)
		}
		return ids, err
	}
	return slices.Concat(selections(), []fault{
		retries("says so and does nothing", "RetryNowMakesWhatWaitsDue", idle),
		retries("all that is selected counts as done", "RetryNowPassesOverWhatDoesNotWait", idle),
		retries("only active subscriptions", "RetryNowOfAHeldDeliveryLeavesItHeld",
			func(f *faulty, ctx context.Context, q driver.DeliveryQuery) ([]string, error) {
				if slices.Contains(q.States, driver.StateHeld) {
					return nil, nil
				}
				return f.Store.RetryNow(ctx, q)
			}),
		retries("retries without a limit", "RetryNowTakesAllFiltersAndComesInPages",
			func(f *faulty, ctx context.Context, q driver.DeliveryQuery) ([]string, error) {
				q.Limit = 1000
				return f.Store.RetryNow(ctx, q)
			}),
		retries("a new delivery instead", "RetryNowKeepsTheDeliveryAndItsNumber",
			func(f *faulty, ctx context.Context, q driver.DeliveryQuery) ([]string, error) {
				if _, err := f.Store.Cancel(ctx, q); err != nil {
					return nil, err
				}
				made, err := f.Store.Replay(ctx, driver.ReplayRequest{DeliveryQuery: q})
				var ids []string
				for _, r := range made {
					ids = append(ids, r.New)
				}
				return ids, err
			}),
		retries("retries of any org", "RetryNowReachesNoOtherOrg",
			func(f *faulty, ctx context.Context, q driver.DeliveryQuery) ([]string, error) {
				q.Org = "org_acme"
				return f.Store.RetryNow(ctx, q)
			}),
		plant("nobody is woken", "RetryNowWakesWhoWaits", func(f *faulty) {
			f.wait = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		}),
		cancels("in flight counts as ended", "CancelMarksWhatIsInFlight",
			func(_ *faulty, _ context.Context, list []driver.Cancelled) []driver.Cancelled {
				for i := range list {
					list[i].Ended = true
				}
				return list
			}),
		plant("cancels what waits alone", "CancelEndsWhatIsDueWaitsOrIsHeld", func(f *faulty) {
			f.cancel = func(ctx context.Context, q driver.DeliveryQuery) ([]driver.Cancelled, error) {
				q.States = []driver.State{driver.StatePending}
				return f.Store.Cancel(ctx, q)
			}
		}),
		plant("cancels without a limit", "CancelTakesAllFiltersAndComesInPages", func(f *faulty) {
			f.cancel = func(ctx context.Context, q driver.DeliveryQuery) ([]driver.Cancelled, error) {
				q.Limit = 1000
				return f.Store.Cancel(ctx, q)
			}
		}),
		plant("cancels of any org", "CancelReachesNoOtherOrg", func(f *faulty) {
			f.cancel = func(ctx context.Context, q driver.DeliveryQuery) ([]driver.Cancelled, error) {
				q.Org = "org_rival"
				return f.Store.Cancel(ctx, q)
			}
		}),
		plant("marks are not kept", "AMarkedDeliveryEndsCancelledUnlessItWasDelivered", func(f *faulty) {
			f.cancel = func(ctx context.Context, q driver.DeliveryQuery) (list []driver.Cancelled, err error) {
				rows, err := f.Store.Deliveries(ctx, q)
				for _, d := range rows {
					list = append(list, driver.Cancelled{ID: d.ID})
				}
				return list, err
			}
		}),
		settlements("marked though delivered", "AMarkedDeliveryEndsCancelledUnlessItWasDelivered",
			func(told []driver.Outcome, settled []driver.Settled) {
				for i := range told {
					settled[i].Cancelled = settled[i].Cancelled || told[i].State == driver.StateDelivered
				}
			}),
		settlements("the end of a marked one is not told", "CancelMarksWhatIsInFlight",
			func(_ []driver.Outcome, settled []driver.Settled) {
				for i := range settled {
					settled[i].Cancelled = false
				}
			}),
		plant("the repeat of a marked one is not told", "ARepeatedOutcomeOfAMarkedDeliverySaysSoAgain", func(f *faulty) {
			seen := map[string]bool{}
			f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
				settled, err := f.Store.Settle(ctx, told)
				for i := range settled {
					settled[i].Cancelled = settled[i].Cancelled && !seen[told[i].Token]
					seen[told[i].Token] = true
				}
				return settled, err
			}
		}),
		plant("health of marked ones dropped", "AMarkedDeliveryKeepsAllElseOfItsOutcome", func(f *faulty) {
			f.settle = func(ctx context.Context, told []driver.Outcome) ([]driver.Settled, error) {
				told = slices.Clone(told)
				for i := range told {
					told[i].Health = driver.HealthUnchanged
				}
				return f.Store.Settle(ctx, told)
			}
		}),
		plant("a lapse takes the mark away", "AMarkedDeliveryWhoseLeaseRunsOutEnds", func(f *faulty) {
			marked := map[string]bool{}
			f.cancel = func(ctx context.Context, q driver.DeliveryQuery) (list []driver.Cancelled, err error) {
				rows, err := f.Store.Deliveries(ctx, q)
				for _, d := range rows {
					if !marked[d.ID] {
						list = append(list, driver.Cancelled{ID: d.ID})
					}
					marked[d.ID] = true
				}
				return list, err
			}
		}),
		cancels("cancelled for good", "ACancelledDeliveryCanBeRepeated",
			func(f *faulty, ctx context.Context, list []driver.Cancelled) []driver.Cancelled {
				_, _ = f.Store.Purge(ctx, driver.PurgeRequest{Finished: -time.Hour, Identity: 24 * time.Hour, Limit: 1000})
				return list
			}),
	})
}
