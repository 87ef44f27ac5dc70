package sender

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// leaseMargin is what a lease has beyond an attempt: time to write the outcome, also while the store has trouble.
// A test has less: it is retried by a person.
const (
	leaseMargin     = 20 * time.Second
	testLeaseMargin = 5 * time.Second
)

func (c Config) withDefaults(store Store) Config {
	if len(c.Contracts) == 0 {
		c.Contracts = []Contract{Kirim()}
	}
	c.Contracts = slices.Clone(c.Contracts)
	for i := range c.Contracts {
		c.Contracts[i] = c.Contracts[i].withDefaults()
	}
	c.Workers = cmp.Or(c.Workers, 256)
	c.PerSubscription = cmp.Or(c.PerSubscription, 64)
	c.StoreTimeout = cmp.Or(c.StoreTimeout, 10*time.Second)
	c.Lease = cmp.Or(c.Lease, c.shortestLease())
	if c.PollInterval == 0 {
		c.PollInterval = time.Second
		if _, ok := store.(driver.Waiter); ok {
			c.PollInterval = 10 * time.Second
		}
	}
	c.ShutdownTimeout = cmp.Or(c.ShutdownTimeout, c.longestAttempt()+5*time.Second)
	c.MaxLapses = cmp.Or(c.MaxLapses, 10)
	c.MaxBody = cmp.Or(c.MaxBody, 4<<20)
	c.MaxSubscriptions = cmp.Or(c.MaxSubscriptions, 100)
	c.Retention = c.Retention.withDefaults()
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Worker == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "unknown"
		}
		c.Worker = fmt.Sprintf("%s:%d", host, os.Getpid())
	}
	return c
}

func (c Config) longestAttempt() time.Duration {
	longest := time.Duration(0)
	for _, contract := range c.Contracts {
		longest = max(longest, contract.Timeout)
	}
	return longest
}

func (c Config) shortestLease() time.Duration {
	shortest := c.longestAttempt() + max(leaseMargin, 2*c.StoreTimeout)
	for _, contract := range c.Contracts {
		shortest = max(shortest, contract.TestTimeout+testLeaseMargin)
	}
	return shortest
}

func (c Contract) withDefaults() Contract {
	c.UserAgent = cmp.Or(c.UserAgent, "kirimhooks/1.0")
	c.Timeout = cmp.Or(c.Timeout, 15*time.Second)
	c.TestTimeout = cmp.Or(c.TestTimeout, c.Timeout)
	c.Jitter = cmp.Or(c.Jitter, 0.2)
	if c.Schedule == nil {
		c.Schedule = standardSchedule()
	}
	if c.Classify == nil {
		c.Classify = classifyStandard
	}
	if c.Disable == nil {
		c.Disable = func(h Health) bool { return h.ConsecutiveDead >= 10 && h.FailingFor >= 5*24*time.Hour }
	}
	if c.Endpoint.PlainDevice == nil {
		c.Endpoint.PlainDevice = func(id string) string { return id }
	}
	if c.Secrets.Generate == nil {
		c.Secrets.Generate = signature.GenerateSecret
	}
	if c.Secrets.Check == nil {
		c.Secrets.Check = atLeast16Bytes
	}
	return c
}
