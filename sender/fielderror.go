package sender

import (
	"errors"
	"fmt"
)

// FieldError says what is wrong with one field of an argument. A call that refuses several fields joins one for each;
// [FieldErrors] lists them. Each stands under [ErrInvalid] or [ErrForbiddenURL].
type FieldError struct {
	Field string // as the argument's type spells it: "URL", "Events[2]", `Headers["X-Id"]`, "secrets[0]"
	Err   error  // what is wrong with it, for people
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// FieldErrors lists the fields that err complains about, in order; none where it is about something else.
func FieldErrors(err error) (list []*FieldError) {
	switch e := err.(type) { //nolint:errorlint // it walks the tree itself
	case *FieldError:
		return []*FieldError{e}
	case interface{ Unwrap() []error }:
		for _, joined := range e.Unwrap() {
			list = append(list, FieldErrors(joined)...)
		}
	case interface{ Unwrap() error }:
		return FieldErrors(e.Unwrap())
	}
	return list
}

// invalid is a [FieldError] under [ErrInvalid].
func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrInvalid, &FieldError{field, fmt.Errorf(format, args...)})
}

// forbiddenURL is a [FieldError] under [ErrForbiddenURL], whose text names the field already.
type forbiddenURL struct{ why string }

func (e forbiddenURL) Error() string { return ErrForbiddenURL.Error() + ": " + e.why }

func (e forbiddenURL) Unwrap() []error {
	return []error{ErrForbiddenURL, &FieldError{"URL", errors.New(e.why)}}
}
