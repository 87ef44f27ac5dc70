package driver

// Overlapper is optional: a [Store] that does better with several calls of Enqueue at once. A server prepares one
// transaction while it waits for the disk with another, at the price of smaller ones. Without it concurrent callers of
// Publish share one call at a time.
type Overlapper interface {
	// Overlap is how many calls of Enqueue are worth having under way at once; it is always the same.
	Overlap() int
}
