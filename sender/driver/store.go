package driver

// Store keeps subscriptions, events and deliveries. The package comment has the rules that hold for every method.
type Store interface {
	Queue
	Directory
	Log
}
