package receiver

import (
	"regexp"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// bare is err without the names of packages, for a sentence that begins with ours.
func bare(err error) error { return &bareError{err: err} }

// bareOf is bare for an error of the package that reads the bodies of a source, which has the name of the source.
func bareOf(source envelope.Source, err error) error { return &bareError{err, string(source) + ": "} }

type bareError struct {
	err    error
	prefix string
}

// packages are those whose errors come through here, where a clause of the text begins with one.
var packages = regexp.MustCompile(`(^|: |\n)(?:(?:receiver|dedupe|envelope|signature): )+`)

func (e *bareError) Error() string {
	return packages.ReplaceAllString(strings.TrimPrefix(e.err.Error(), e.prefix), "$1")
}

func (e *bareError) Unwrap() error { return e.err }
