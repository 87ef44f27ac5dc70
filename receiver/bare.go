package receiver

import "regexp"

// bare is err without the names of packages, for a sentence that begins with ours.
func bare(err error) error { return &bareError{err} }

type bareError struct{ err error }

// packages are those whose errors come through here, where a clause of the text begins with one.
var packages = regexp.MustCompile(`(^|: |\n)(?:(?:receiver|dedupe|envelope|kirim|kirisan|meta|signature): )+`)

func (e *bareError) Error() string { return packages.ReplaceAllString(e.err.Error(), "$1") }
func (e *bareError) Unwrap() error { return e.err }
