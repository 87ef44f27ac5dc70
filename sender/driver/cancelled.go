package driver

// Cancelled is one delivery that Cancel ended, or marked.
type Cancelled struct {
	ID    string
	Ended bool // false: it is in flight, and ends with its attempt
}
