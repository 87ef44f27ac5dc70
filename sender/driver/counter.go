package driver

import "context"

// Counter is optional: a [Store] that can count deliveries without listing them. Without it Org.Counts is refused.
type Counter interface {
	// Counts counts the deliveries of an org; an unknown org has none.
	Counts(ctx context.Context, org string) (Counts, error)
}

// Counts are the deliveries of an org by what they wait for: a worker, a retry, their subscription. Those in flight may
// be left out. Dead ones are those that Retention has not let go.
type Counts struct{ Due, Waiting, Held, Dead int }
