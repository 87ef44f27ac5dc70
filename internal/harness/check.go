package harness

import "fmt"

// Violation is a promise that the evidence shows broken.
type Violation struct {
	Check string // its name in [Checks]
	Text  string
}

func (v Violation) String() string { return v.Check + ": " + v.Text }

// Check is one promise: it calls complain for each case in which the evidence shows it broken, and never otherwise,
// whatever was not witnessed because a witness was killed.
type Check struct {
	Name string
	Find func(e *Evidence, complain func(format string, args ...any))
}

// Checks are all of them.
func Checks() []Check {
	return []Check{
		{"nothing accepted is lost", lost},
		{"an event reaches all who want it or none", partial},
		{"the order and its event are both there or neither", torn},
		{"nothing is refused", refused},
		{"nothing unexpected is sent", unexpectedRequest},
		{"nothing unexpected is stored", unexpectedDelivery},
		{"every request is in the log, and so every repeat explained", unrecorded},
		{"a claim is at most one request", overspent},
		{"no false success", falseAnswer},
		{"nothing before it is due", early},
		{"at most one live claim", overlapping},
		{"what is paused is not claimed", claimedWhilePaused},
		{"a stale token changes nothing", staleOutcome},
		{"terminal is terminal", afterTheEnd},
		{"the budget is kept", overBudget},
		{"nothing dies without a cause", causeless},
	}
}

// Examine runs all checks.
func Examine(e *Evidence) []Violation {
	var all []Violation
	for _, c := range Checks() {
		c.Find(e, func(format string, args ...any) {
			all = append(all, Violation{c.Name, fmt.Sprintf(format, args...)})
		})
	}
	return all
}
