package pgstore

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Config of a [Store]. The zero value works.
type Config struct {
	// Schema holds everything this package keeps: a lower-case name of letters, digits and underscores, at most 63
	// bytes. It is also the name of the channel that wake-ups come on. Defaults to "kirimhooks".
	Schema string
	// Timeout bounds every call that has no sooner deadline, except Migrate, Wait and calls in a transaction of the
	// host. Defaults to 30 s.
	Timeout time.Duration
	// Listen says how to reach the server directly, for LISTEN, where the pool goes through a pooler in transaction
	// mode. Defaults to a connection taken from the pool.
	Listen *pgx.ConnConfig
	// AllowAsyncCommit accepts synchronous_commit = off: an event may then be lost in a crash of the server although
	// its Publish returned nil. Defaults to false, and calls fail.
	AllowAsyncCommit bool
}

var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

func (c Config) withDefaults() Config {
	c.Schema = cmp.Or(c.Schema, "kirimhooks")
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	return c
}

func (c Config) validate() error {
	var errs []error
	complain := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	complain(!schemaName.MatchString(c.Schema) || strings.HasPrefix(c.Schema, "pg_"),
		"Schema: %q is not a lower-case name of letters, digits and underscores, at most 63 bytes, without pg_ before",
		c.Schema)
	complain(c.Timeout < 0, "Timeout: %v is negative", c.Timeout)
	return errors.Join(errs...)
}
