package sender

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Config shapes a [Sender]. The zero Config delivers Kirim's dialect with its own limits.
type Config struct {
	// Contracts are the dialects it delivers; the first is a subscription's default. Defaults to Kirim().
	Contracts []Contract
	// Workers bounds the attempts this process makes at once. Without Transport it is never more than half of the files
	// that this process may have open (RLIMIT_NOFILE). Defaults to 256.
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
	// NAT64 are the prefixes by which this network reaches IPv4 addresses, besides the well-known 64:ff9b::/96: of 32, 40,
	// 48, 56, 64 or 96 bits (RFC 6052). An address in one of them counts as the IPv4 address that it embeds, so that
	// deliveries work where there is IPv6 alone, and private addresses stay out of reach. Defaults to none.
	NAT64 []netip.Prefix
	// EgressProxy is an HTTP proxy through which all requests leave, by CONNECT: for networks where nothing else may. It
	// decides on addresses itself, since names are resolved there; what is told from a URL alone stays checked here. Its
	// URL is http or https, a host and perhaps a port; userinfo goes to it as Proxy-Authorization, and shows where a host
	// prints its Config. It wants neither AllowPrivate nor Transport. A proxy that answers 403 blocks an attempt, and with
	// 502 to 504 fails it. One that cannot be reached, or gives another answer than 200, holds it up for a minute or more
	// and consumes none, for three days. Defaults to none.
	EgressProxy *url.URL
	// Transport replaces the guarded transport, guard off: for tests in process. Defaults to the guarded one.
	Transport http.RoundTripper
	// Sealer encrypts secrets at rest. Defaults to storing them as they are.
	Sealer Sealer
	// Logger gets Debug for each attempt, Info for a test that failed, what a shutdown waits for and a store that works
	// again, Warn for what died or was disabled and a store that fails, less often the longer it does. It never gets
	// bodies or secrets. Defaults to slog.Default().
	Logger *slog.Logger
	// Hooks are called at each step. Defaults to none.
	Hooks Hooks
	// Worker names this process in the store. Defaults to host name and process id.
	Worker string
}
