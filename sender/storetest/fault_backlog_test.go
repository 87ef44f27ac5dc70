package storetest_test

import (
	"context"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// backlogs plants a fault into how old the oldest due delivery is.
func backlogs(name, caughtBy string, change func(f *faulty, age time.Duration) time.Duration) fault {
	return plant(name, caughtBy, func(f *faulty) {
		f.oldestDue = func(ctx context.Context) (time.Duration, error) {
			age, err := f.Store.OldestDue(ctx)
			return change(f, age), err
		}
	})
}

// pending is whether acme has a delivery that shows as one of states.
func pending(f *faulty, states ...driver.State) bool {
	list, err := f.Store.Deliveries(context.Background(), driver.DeliveryQuery{Org: "org_acme", States: states, Limit: 1})
	return err == nil && len(list) > 0
}

func backlogFaults() []fault {
	return []fault{
		backlogs("nothing is ever due", "TheOldestDueOfAllOrgsIsTold",
			func(*faulty, time.Duration) time.Duration { return 0 }),
		backlogs("the age is in other units", "TheOldestDueOfAllOrgsIsTold",
			func(_ *faulty, age time.Duration) time.Duration { return age / 1000 }),
		backlogs("something is always due", "TheOldestDueOfAllOrgsIsTold",
			func(_ *faulty, age time.Duration) time.Duration { return age + time.Second }),
		backlogs("what is in flight or waits counts as due", "WhatIsInFlightOrHeldIsNotDue",
			func(f *faulty, age time.Duration) time.Duration {
				if age == 0 && pending(f, driver.StatePending) {
					return time.Second
				}
				return age
			}),
		backlogs("what is held counts as due", "WhatIsInFlightOrHeldIsNotDue",
			func(f *faulty, age time.Duration) time.Duration {
				if age == 0 && pending(f, driver.StateHeld) {
					return time.Second
				}
				return age
			}),
	}
}
