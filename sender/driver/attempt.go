package driver

import "time"

// Classes of failed attempts that got no status. They are coarse on purpose: what a tenant sees of them must not map a
// network.
const (
	ClassBlocked  = "blocked"  // the address is not allowed
	ClassDNS      = "dns"      // the name did not resolve
	ClassConnect  = "connect"  // refused, reset, unreachable
	ClassTLS      = "tls"      // handshake or certificate
	ClassTimeout  = "timeout"  // no answer in time
	ClassProtocol = "protocol" // not HTTP, or past a limit
	ClassUnknown  = "unknown"  // the process lost sight of the request; its number is used again
)

// Attempt is one HTTP request of a delivery.
type Attempt struct {
	N          int           // from 1
	At         time.Time     // when it began
	Duration   time.Duration // until the answer was read, or given up
	StatusCode int           // 0 if none came
	ErrorClass string        // "" where a status came
	Response   string        // the first 1 KiB of the answer, signing secrets masked
	Test       bool
}
