package sender

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// An own fault is ours, not the endpoint's: a secret that does not open, a contract that this process does not have, a
// proxy that is down. It never consumes an attempt, and it may be mended for days; yet every delivery ends.
const (
	ownFaultWait  = time.Minute    // before the next try, longer when it has lasted longer
	ownFaultsFor  = 72 * time.Hour // then the delivery ends
	maxOwnFaults  = 300            // and after so many at the latest, whatever the clock does
	ownFaultShare = 16             // a wait is this part of how long the row has lasted, if that is more
)

// ownFault marks, in the reason of a delivery that waits, how many own faults it has met in a row. The row is over with
// an answer. It is kept with the delivery so that neither a restart nor another process begins anew.
const ownFault = "internal error"

// ownFaults is such a row.
type ownFaults struct {
	n     int
	since time.Time
}

// readOwnFaults reads the row out of a reason; none if it is another reason.
func readOwnFaults(reason string, now time.Time) ownFaults {
	if reason == ownFault {
		return ownFaults{1, now.Add(-ownFaultWait)}
	}
	rest, is := strings.CutPrefix(reason, ownFault+", ")
	if !is {
		return ownFaults{}
	}
	var row ownFaults
	var at string
	if _, err := fmt.Sscanf(rest, "%d times since %s", &row.n, &at); err != nil {
		return ownFaults{}
	}
	since, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return ownFaults{}
	}
	row.since = since
	return row
}

func (f ownFaults) String() string {
	if f.n < 2 {
		return ownFault
	}
	return fmt.Sprintf("%s, %d times since %s", ownFault, f.n, f.since.UTC().Format(time.RFC3339))
}

// ownFault releases a delivery of which no attempt could be made, or ends it when that has gone on for days. least is
// how long it waits at least; what tells people the cause without telling them more than they may know.
func (c *claim) ownFault(least time.Duration, what string) conclusion {
	now := time.Now()
	row := readOwnFaults(c.Delivery.Reason, now)
	if row.n == 0 {
		row.since = now
	}
	row.n++
	lasted := now.Sub(row.since)
	if row.n <= maxOwnFaults && lasted < ownFaultsFor {
		return c.release(max(least, lasted/ownFaultShare), row.String())
	}
	done := c.end(StateDead, row.String()+": "+what)
	done.outcome.Health = driver.HealthUnchanged // the endpoint had no part in it
	return done
}

// faulty is ownFault with a line in the log.
func (s *Sender) faulty(ctx context.Context, c *claim, what string, err error) conclusion {
	s.cfg.Logger.ErrorContext(ctx, "attempt could not be made", c.logged("error", err)...)
	return c.ownFault(ownFaultWait, what)
}

// waitsAs is the reason of a delivery that is given back: a row of own faults is not over by that.
func (c *claim) waitsAs(reason string) string {
	if readOwnFaults(c.Delivery.Reason, time.Now()).n > 0 {
		return c.Delivery.Reason
	}
	return reason
}
