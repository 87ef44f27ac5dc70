package sender

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Config shapes a [Sender]. The zero Config delivers Kirim's dialect with its own limits.
type Config struct {
	// Contracts are the dialects it delivers; the first is a subscription's default. Defaults to Kirim().
	Contracts []Contract
	// Workers bounds the attempts this process makes at once. Without Transport it is never more than half of the files that
	// this process may have open (RLIMIT_NOFILE). Defaults to 256.
	Workers int
	// PerSubscription bounds the attempts this process makes at once for one subscription. An endpoint begins with one
	// and gets more as it answers; one that does not answer ends at one. Defaults to 64.
	PerSubscription int
	// Lease is how long a claimed delivery belongs to this process. One shorter than the longest attempt time-out of
	// any contract and 20 s, or twice StoreTimeout if that is more, is refused. Defaults to that, 30 s for Kirim.
	Lease time.Duration
	// PollInterval is the longest this process goes without asking the store for work. Defaults to 1 s, to 10 s for a
	// store that is a Waiter.
	PollInterval time.Duration
	// StoreTimeout bounds every call of the store, and of Sealer. Defaults to 10 s.
	StoreTimeout time.Duration
	// ShutdownTimeout bounds how long Run waits for attempts in flight after its context ended; what remains is cut
	// off and tried again by another process. Writing what became of them takes at most StoreTimeout more. Defaults to
	// the longest attempt time-out and 5 s.
	ShutdownTimeout time.Duration
	// MaxLapses is how many leases of one delivery may run out unsettled; one more ends it dead with reason crash_loop.
	// A database that carries claims out while its answers get lost makes leases lapse too, so that a small number would
	// end healthy deliveries in a brownout of minutes. Defaults to 10.
	MaxLapses int
	// MaxBody bounds the body of an event, in bytes. Defaults to 4 MiB: Meta sends up to 3 MB.
	MaxBody int
	// MaxSubscriptions bounds the subscriptions of an org; -1 means no limit. Defaults to 100.
	MaxSubscriptions int
	// Retention says how long the store remembers. Defaults to the defaults of its fields.
	Retention Retention
	// AllowPrivate are addresses that deliveries may reach although they are not public, by http and on any port too:
	// for tests and intranets. Defaults to none.
	AllowPrivate []netip.Prefix
	// AllowPorts are the ports that endpoints may listen on; a list without 443 closes it. Defaults to 443.
	AllowPorts []uint16
	// NAT64 are the prefixes by which this network reaches IPv4 addresses, besides the well-known 64:ff9b::/96: of 32, 40, 48, 56,
	// 64 or 96 bits (RFC 6052). An address in one of them counts as the IPv4 address that it embeds, so that deliveries
	// work where there is IPv6 alone, and private addresses stay out of reach. Defaults to none.
	NAT64 []netip.Prefix
	// EgressProxy is an HTTP proxy through which all requests leave, by CONNECT: for networks where nothing else may. It
	// decides on addresses itself, since names are resolved there; what is told from a URL alone stays checked here. Its URL
	// is http or https, a host and perhaps a port; userinfo goes to it as Proxy-Authorization, and shows where a host prints
	// its Config. It wants neither AllowPrivate nor Transport. A proxy that answers 403 blocks an attempt, and
	// with 502 to 504 fails it. One that cannot be reached, or gives another answer than 200, holds it up for a minute or more
	// and consumes none, for three days. Defaults to none.
	EgressProxy *url.URL
	// Transport replaces the guarded transport, guard off: for tests in process. Defaults to the guarded one.
	Transport http.RoundTripper
	// Sealer encrypts secrets at rest. Defaults to storing them as they are.
	Sealer Sealer
	// Logger gets Debug for each attempt, Info for a test that failed, what a shutdown waits for and a store that works again,
	// Warn for what died or was disabled and a store that fails, less often the longer it does. It never gets bodies or secrets.
	// Defaults to slog.Default().
	Logger *slog.Logger
	// Hooks are called at each step. Defaults to none.
	Hooks Hooks
	// Worker names this process in the store. Defaults to host name and process id.
	Worker string
}

// Sealer encrypts secrets at rest. Its methods may be called concurrently and must neither keep nor change the slices they
// get. org is whose secret it is: bind it to the cipher text, so that a row that is moved to another org does not open.
type Sealer interface {
	// Seal encrypts a new secret. An error fails the call that makes one.
	Seal(ctx context.Context, org string, plain []byte) ([]byte, error)
	// Open decrypts what Seal returned. An error holds the attempt up for a minute, or more when it has gone on for
	// longer, and consumes none; after three days the delivery is dead. What is open stays in memory until its
	// subscription changes.
	Open(ctx context.Context, org string, sealed []byte) ([]byte, error)
}

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
			complain(mostDots(c.carriers(source)) < fewestDots, "Contracts[%d]: too many contracts carry %q: the topics of an event would not fit", i, source)
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
