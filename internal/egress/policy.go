package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ErrBlocked is wrapped by every refusal of a [Policy]. It survives net/http: errors.Is finds it in what
// [Transport.RoundTrip] returns.
var ErrBlocked = errors.New("egress: blocked")

const httpsPort = 443

// Policy says which addresses may be connected to. The zero Policy is the strict one: public addresses, port 443, TLS.
// It is a value without state; its methods are safe for concurrent use as long as its slices are not modified.
type Policy struct {
	// Allow lists prefixes that are reachable although they are not public, for tests and intranets. Connections to
	// them may use any port, and plain http. Defaults to none.
	Allow []netip.Prefix

	// Ports lists the ports that may be connected to, with TLS, on addresses that are not in Allow. Defaults to 443 alone;
	// a list without 443 closes it.
	Ports []uint16
}

// Validate reports what could never match: in Allow invalid prefixes and IPv4-mapped IPv6 ones, in Ports a 0; all of them
// joined.
func (p Policy) Validate() error {
	var errs []error
	for i, prefix := range p.Allow {
		switch {
		case !prefix.IsValid():
			errs = append(errs, fmt.Errorf("egress: Policy.Allow[%d]: not a valid prefix", i))
		case prefix.Addr().Is4In6():
			errs = append(errs, fmt.Errorf("egress: Policy.Allow[%d]: %s is IPv4-mapped; write the IPv4 prefix", i, prefix))
		}
	}
	if i := slices.Index(p.Ports, 0); i >= 0 {
		errs = append(errs, fmt.Errorf("egress: Policy.Ports[%d]: 0 is not a port", i))
	}
	return errors.Join(errs...)
}

// Check returns nil if a TLS connection to ap is allowed, else an error that wraps [ErrBlocked] and says why. IPv4-mapped
// IPv6 addresses count as the IPv4 address, and zones are ignored, as both reach the same host.
func (p Policy) Check(ap netip.AddrPort) error {
	addr := bare(ap.Addr())
	switch {
	case !addr.IsValid():
		return fmt.Errorf("%w: no address", ErrBlocked)
	case ap.Port() == 0:
		return fmt.Errorf("%w: %s: port 0", ErrBlocked, addr)
	case p.allows(addr):
		return nil
	}
	if why := denial(addr); why != "" {
		return fmt.Errorf("%w: %s is not public: %s", ErrBlocked, addr, why)
	}
	if !p.opens(ap.Port()) {
		return fmt.Errorf("%w: %s: port %d; only %s may be used", ErrBlocked, addr, ap.Port(), p.openPorts())
	}
	return nil
}

// CheckDial judges a connection about to be made, in the words of [net.Dialer.ControlContext]: plain is true where no
// TLS will follow, and then only Allow counts. What it cannot read it refuses.
func (p Policy) CheckDial(network, address string, plain bool) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: network %q is not tcp4 or tcp6", ErrBlocked, network)
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q is not an address with a port", ErrBlocked, address)
	}
	if err := p.Check(ap); err != nil {
		return err
	}
	if plain && !p.allows(bare(ap.Addr())) {
		return fmt.Errorf("%w: %s: plain http; use https", ErrBlocked, ap.Addr())
	}
	return nil
}

// bare is the address itself: what the rest of the policy compares.
func bare(addr netip.Addr) netip.Addr { return addr.WithZone("").Unmap() }

func (p Policy) ports() []uint16 {
	if len(p.Ports) == 0 {
		return []uint16{httpsPort}
	}
	return p.Ports
}

func (p Policy) opens(port uint16) bool { return slices.Contains(p.ports(), port) }

// openPorts is for people.
func (p Policy) openPorts() string {
	var texts []string
	for _, port := range p.ports() {
		texts = append(texts, strconv.Itoa(int(port)))
	}
	return strings.Join(texts, ", ")
}

func (p Policy) allows(addr netip.Addr) bool {
	for _, prefix := range p.Allow {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}
