package driver

// ReplayRequest says what to repeat.
type ReplayRequest struct {
	DeliveryQuery
	Named bool // a person named the deliveries by IDs: what became of later ones of the same event does not matter
}

// Replayed is one delivery and the delivery that repeats it.
type Replayed struct{ Old, New string }
