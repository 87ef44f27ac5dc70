package dedupe

import (
	"errors"
	"strings"
)

// What [Guard.Do] and stores answer; test with [errors.Is].
var (
	// ErrDuplicate: the key was committed earlier.
	ErrDuplicate = errors.New("dedupe: already done")
	// ErrRunning: another holds the key; ask again later.
	ErrRunning = errors.New("dedupe: in flight elsewhere")
	// ErrLeaseLost: the key has passed to another, or may have. [Store.Commit] answers it, and it is the cause of
	// the end of a function's context.
	ErrLeaseLost = errors.New("dedupe: lease lost")
	// ErrFull: a [Memory] holds as many running claims as it may hold keys.
	ErrFull = errors.New("dedupe: memory full of running claims: raise its maximum")
)

// StoreError says that the store failed at one of the phases. The caller decides what that means: whether to run
// unguarded after "claim", and what to answer after "commit", when the function has run.
type StoreError struct {
	Op  string // "claim" or "commit"
	Err error  // the store's own
}

// Error implements error.
func (e *StoreError) Error() string { return "dedupe: " + e.Op + ": " + bare(e.Err).Error() }

// Unwrap returns Err.
func (e *StoreError) Unwrap() error { return e.Err }

// bare is err without the name of this package, for a sentence that begins with it.
func bare(err error) error { return &bareError{err} }

type bareError struct{ err error }

func (e *bareError) Error() string { return strings.TrimPrefix(e.err.Error(), "dedupe: ") }
func (e *bareError) Unwrap() error { return e.err }
