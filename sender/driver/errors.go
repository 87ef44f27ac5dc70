package driver

import "errors"

// Errors that stores return, wrapped. Their texts name package sender, whose users read them.
var (
	// ErrNotFound: no such object in this org. A foreign object and an unknown one look alike.
	ErrNotFound = errors.New("sender: not found")
	// ErrConflict: the same event id with another body, or two changes of one subscription at once.
	ErrConflict = errors.New("sender: conflict")
	// ErrInvalid: an argument is wrong; the text names it.
	ErrInvalid = errors.New("sender: invalid")
	// ErrUnreadable: the store has it and cannot read it, by a fault or by somebody's hand; the text says which row.
	ErrUnreadable = errors.New("sender: unreadable")
)
