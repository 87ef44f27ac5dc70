package pgstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// stateNames are the states as attempts number them.
var stateNames = [...]driver.State{driver.StatePending, driver.StateDelivered, driver.StateDead, driver.StateCancelled}

// shownHeld is the number of StateHeld, which no row has: it is derived.
const shownHeld = 4

func stateNumber(name driver.State) (int16, bool) {
	for i, n := range stateNames {
		if n == name {
			return int16(i), true
		}
	}
	return 0, false
}

// The planner takes a CASE for true of every second row. Of other conditions on the state it expects next to none.
// Where a table was never analyzed it then sorts all that an org has, instead of walking down an index until the page
// is full.

// ended is the condition on the state of a finished delivery. Dead ones have an index.
func (sel *selection) ended() string {
	delivered, dead, cancelled := sel.wants(1), sel.wants(2), sel.wants(3)
	switch {
	case len(sel.states) == 0:
		return "true"
	case !delivered && !dead && !cancelled:
		return "false"
	case !delivered && !cancelled:
		return "d.state = 2"
	}
	return fmt.Sprintf("case d.state when 1 then %t when 2 then %t else %t end", delivered, dead, cancelled)
}

// shown is the condition on the state as which an unfinished delivery reads.
func (sel *selection) shown() string {
	pending, cancelled, held := sel.wants(0), sel.wants(3), sel.wants(shownHeld)
	switch {
	case len(sel.states) == 0:
		return "true"
	case !pending && !cancelled && !held:
		return "false"
	}
	return fmt.Sprintf(
		"case when s.status = 'removed' then %t when s.status = 'active' or d.is_test then %t else %t end",
		cancelled, pending, held)
}

// wants reports whether a state is selected.
func (sel *selection) wants(state int) bool {
	name := driver.StateHeld
	if state != shownHeld {
		name = stateNames[state]
	}
	return slices.Contains(sel.states, name)
}

// numbers are those of the wanted states, as literals: an index of dead deliveries can then be used.
func (sel *selection) numbers() string {
	var list []string
	for _, state := range sel.states {
		if n, ok := stateNumber(state); ok {
			list = append(list, fmt.Sprint(n))
		} else if state == driver.StateHeld {
			list = append(list, "4")
		}
	}
	if list == nil {
		return "-1" // no such state
	}
	return strings.Join(list, ", ")
}
