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

	// NAT64 lists the prefixes, besides the well-known 64:ff9b::/96, by which this network reaches IPv4 addresses. An
	// address in one of them is judged as the IPv4 address that it embeds. Defaults to none.
	NAT64 []netip.Prefix
}

var errPrefix = errors.New("egress: not a valid prefix")

// CheckAllow returns nil if p can stand in [Policy].Allow. An invalid prefix, or one of IPv4-mapped addresses, would
// never match.
func CheckAllow(p netip.Prefix) error {
	switch {
	case !p.IsValid():
		return errPrefix
	case p.Addr().Is4In6():
		return fmt.Errorf("egress: %s is IPv4-mapped; write the IPv4 prefix", p)
	}
	return nil
}

// Check returns nil if a TLS connection to ap is allowed, else an error that wraps [ErrBlocked] and says why.
// IPv4-mapped IPv6 addresses and those of NAT64 count as the IPv4 address, and zones are ignored, as all of them reach
// the same host.
func (p Policy) Check(ap netip.AddrPort) error {
	if why := p.refusal(ap); why != "" {
		return fmt.Errorf("%w: %s", ErrBlocked, why)
	}
	return nil
}

// refusal says why a TLS connection to ap is not allowed; "" if it is.
func (p Policy) refusal(ap netip.AddrPort) string {
	addr := bare(ap.Addr())
	switch {
	case !addr.IsValid():
		return "no address"
	case ap.Port() == 0:
		return addr.String() + ": port 0"
	case p.allows(addr):
		return ""
	}
	if why := p.denial(addr); why != "" {
		return addr.String() + " is not public: " + why
	}
	if !p.opens(ap.Port()) {
		return fmt.Sprintf("%s: port %d; only %s may be used", addr, ap.Port(), p.openPorts())
	}
	return ""
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

// allows reports whether Allow lists addr, or the IPv4 address that it stands for.
func (p Policy) allows(addr netip.Addr) bool {
	inner, _ := p.translated(addr)
	for _, prefix := range p.Allow {
		if prefix.Contains(addr) || prefix.Contains(inner) {
			return true
		}
	}
	return false
}
