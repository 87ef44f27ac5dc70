package sqlinbox

import "errors"

// What the methods of [Inbox] answer, beside the database's own errors; test with [errors.Is].
var (
	// ErrNotMigrated: the database does not have the tables, or has them for another version of this package.
	ErrNotMigrated = errors.New("sqlinbox: the tables are missing; call Migrate, or apply Schema")
	// ErrFull: as many events wait as [Config.MaxWaiting] allows. The sender is told to come again.
	ErrFull = errors.New("sqlinbox: full")
	// ErrLeaseLost: the event has passed to another process, or may have, while its handler ran. It is the cause of the
	// end of the handler's context. What the handler did in its transaction is rolled back.
	ErrLeaseLost = errors.New("sqlinbox: lease lost")
	// ErrShutdown is the cause of the end of a handler's context that outlived [Config.ShutdownTimeout].
	ErrShutdown = errors.New("sqlinbox: shutting down")
	// ErrNotFound: the inbox has no event of that id, or no more.
	ErrNotFound = errors.New("sqlinbox: not found")
	// ErrState: the event is in a state that does not allow what was asked.
	ErrState = errors.New("sqlinbox: not possible in this state")

	errNotStored = errors.New("the database kept the event out without saying why")
)
