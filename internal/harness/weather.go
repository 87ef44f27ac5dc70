package harness

import "math/rand/v2"

// Weather is what befalls the database, and the way to it.
type Weather interface {
	// Strike brings one fault, drawn from r, and returns once it has passed. crash says that the database itself crashed.
	Strike(r *rand.Rand) (fault string, crash bool, err error)
}
