package sqlitestore

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Config tunes a [Store]. The zero Config is durable and works.
type Config struct {
	// MayLoseCommits accepts that a power cut takes back what was acknowledged in the moments before it. [Open] then
	// works with synchronous=NORMAL, which saves a flush per commit, and [New] takes a database with synchronous below
	// FULL. A crash of the process alone loses nothing either way, and the file stays sound. Defaults to false.
	MayLoseCommits bool
	// BusyTimeout is how long a call whose context has no deadline waits for other processes to finish writing; with a
	// deadline, that is the limit. Defaults to 10 seconds.
	BusyTimeout time.Duration
	// PollInterval is how often [Store.Wait] looks for what other processes stored. Defaults to 100 milliseconds.
	PollInterval time.Duration
	// Readers is how many connections [Open] keeps for reading, at most. Defaults to 4.
	Readers int
}

func (c *Config) validate() error {
	c.BusyTimeout = cmp.Or(c.BusyTimeout, 10*time.Second)
	c.PollInterval = cmp.Or(c.PollInterval, 100*time.Millisecond)
	c.Readers = cmp.Or(c.Readers, 4)
	var errs []error
	for field, value := range map[string]int64{
		"BusyTimeout": int64(c.BusyTimeout), "PollInterval": int64(c.PollInterval), "Readers": int64(c.Readers),
	} {
		if value < 0 {
			errs = append(errs, fmt.Errorf("sqlitestore: Config.%s must not be negative: %w", field, driver.ErrInvalid))
		}
	}
	return errors.Join(errs...)
}
