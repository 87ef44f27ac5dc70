package sender

import (
	"errors"
	"regexp"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Errors to branch on. Every error of this package that has one of these causes wraps it.
var (
	// ErrNotFound: no such object in this org. A foreign object and an unknown one look alike.
	ErrNotFound = driver.ErrNotFound
	// ErrConflict: the same event id with another body, two changes of one subscription at once, or a delivery that is in
	// no state to be replayed, retried or cancelled; the text says in which it is.
	ErrConflict = driver.ErrConflict
	// ErrInvalid: an argument is wrong; the text names it.
	ErrInvalid = driver.ErrInvalid
	// ErrTooLarge: the body is over Config.MaxBody.
	ErrTooLarge = errors.New("sender: too large")
	// ErrUnknownSource: no configured contract carries the event's source.
	ErrUnknownSource = errors.New("sender: no contract carries this source")
	// ErrForbiddenURL: the URL may not be subscribed; the text says why.
	ErrForbiddenURL = errors.New("sender: forbidden URL")
	// ErrHostChanged: a new host would get the old secret; see Org.Move.
	ErrHostChanged = errors.New("sender: host changed")
	// ErrUnreadable: the store has it and cannot read it, by a fault or by somebody's hand; the text says which row.
	ErrUnreadable = driver.ErrUnreadable
	// ErrLimit: the org has as many subscriptions as it may.
	ErrLimit = errors.New("sender: limit reached")
)

// bare is err without the names of packages in its text, for a longer sentence that begins with ours. It wraps err.
func bare(err error) error { return &bareError{err} }

type bareError struct{ err error }

// packages are those of this module whose errors come through here, where a clause of the text begins with one.
var packages = regexp.MustCompile(`(^|: |\n)(?:(?:sender|driver|memstore|sqlitestore|pgstore|egress|envelope|kirim|kirisan|meta|standard|signature): )+`)

func (e *bareError) Error() string { return packages.ReplaceAllString(e.err.Error(), "$1") }
func (e *bareError) Unwrap() error { return e.err }
