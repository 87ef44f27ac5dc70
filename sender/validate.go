package sender

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/signature"
)

// validate reports all complaints at once. It wants defaults filled in.
func (c Config) validate() error {
	var errs []error
	complain := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf("sender: Config."+format, args...))
		}
	}
	complainOf := func(err error, format string, args ...any) {
		if err != nil {
			complain(true, format+": %w", append(args, bare(err))...)
		}
	}
	complain(c.Workers < 1, "Workers: %d is less than 1", c.Workers)
	complain(c.PerSubscription < 1, "PerSubscription: %d is less than 1", c.PerSubscription)
	complain(c.Lease < c.shortestLease(), "Lease: %v might end before the attempt that it covers; at least %v is needed",
		c.Lease, c.shortestLease())
	complain(c.PollInterval < 0, "PollInterval: %v is negative", c.PollInterval)
	complain(c.StoreTimeout < 0, "StoreTimeout: %v is negative", c.StoreTimeout)
	complain(c.ShutdownTimeout < 0, "ShutdownTimeout: %v is negative", c.ShutdownTimeout)
	complain(c.MaxLapses < 0, "MaxLapses: %d is negative", c.MaxLapses)
	complain(c.MaxBody < 0, "MaxBody: %d is negative", c.MaxBody)
	complain(c.MaxSubscriptions < -1, "MaxSubscriptions: %d is negative; -1 means no limit", c.MaxSubscriptions)
	for i, p := range c.AllowPrivate {
		complainOf(egress.CheckAllow(p), "AllowPrivate[%d]", i)
	}
	for i, p := range c.NAT64 {
		complainOf(egress.CheckNAT64(p, c.NAT64[:i]...), "NAT64[%d]", i)
	}
	complain(slices.Contains(c.AllowPorts, 0), "AllowPorts: 0 is not a port")
	c.validateProxy(complain)
	r := c.Retention
	complain(r.Finished < 0 || r.HeldAge < 0 || r.HeldMax < 0, "Retention: negative")
	complain(r.Identity < 24*time.Hour, "Retention.Identity: %v is less than 24 h", r.Identity)
	complain(r.Every < -1, "Retention.Every: %v is negative; -1 means never", r.Every)
	seen := map[string]bool{}
	for i, contract := range c.Contracts {
		for _, err := range contract.validate() {
			complain(true, "Contracts[%d]: %w", i, err)
		}
		complain(seen[contract.Name], "Contracts[%d]: the name %q stands twice", i, contract.Name)
		seen[contract.Name] = true
		for _, source := range contract.Sources {
			complain(mostDots(c.carriers(source)) < fewestDots,
				"Contracts[%d]: too many contracts carry %q: the topics of an event would not fit", i, source)
		}
	}
	return errors.Join(errs...)
}

func (c Config) validateProxy(complain func(bool, string, ...any)) {
	if c.EgressProxy == nil {
		return
	}
	complain(len(c.AllowPrivate) > 0, "EgressProxy: with AllowPrivate: the proxy decides on addresses; set one of them")
	complain(c.Transport != nil, "EgressProxy: with Transport, which would not use it; set one of them")
	if err := egress.CheckProxy(c.EgressProxy); err != nil {
		complain(true, "EgressProxy: %s", egress.Why(err))
	}
}

func (c Contract) validate() []error {
	var errs []error
	complain := func(bad bool, text string) {
		if bad {
			errs = append(errs, errors.New(text))
		}
	}
	complain(c.Name == "", "Name: required")
	complain(c.Name != "" && !printable(c.Name, 64), "Name: must be at most 64 printable ASCII characters")
	complain(len(c.Sources) == 0, "Sources: required")
	complain(c.Sign == nil, "Sign: required")
	complain(c.Render != nil && slices.Contains(c.Sources, envelope.Meta),
		"Render: with meta in Sources: Meta's bytes are passed on as they are; make a contract of its own for the others")
	for _, known := range c.Endpoint.Aliases {
		complain(!envelope.Printable(known, maxType), "Endpoint.Aliases: a type must be 1 to 128 printable ASCII characters")
	}
	complain(c.Timeout < 0, "Timeout: negative")
	complain(c.TestTimeout < 0, "TestTimeout: negative")
	complain(c.Jitter >= 1, "Jitter: must be below 1")
	fault := scheduleFault(c.Schedule)
	complain(fault != "", "Schedule: "+fault)
	return errs
}

func atLeast16Bytes(s signature.Secret) error {
	if n := len(s.Reveal()); n < 16 {
		return fmt.Errorf("a secret of %d bytes is too short, at least 16 are needed", n)
	}
	return nil
}
