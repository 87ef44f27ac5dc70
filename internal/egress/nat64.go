package egress

import (
	"fmt"
	"net/netip"
	"slices"
)

// wellKnown64 is the prefix that NAT64 has everywhere. See https://www.rfc-editor.org/rfc/rfc6052#section-2.1.
var wellKnown64 = netip.MustParsePrefix("64:ff9b::/96")

// unused64 is the octet that embeds nothing, whatever the length of the prefix: bits 64 to 71.
const unused64 = 8

// translated returns the IPv4 address that a NAT64 connects to in place of addr; none if addr is not in one of its
// prefixes. why says what keeps addr, though it is in one, from being a translator's.
//
// Nothing else that embeds an address is looked into: 6to4, Teredo and IPv4-compatible addresses are refused as they
// are.
func (p Policy) translated(addr netip.Addr) (inner netip.Addr, why string) {
	if !addr.Is6() {
		return netip.Addr{}, ""
	}
	if wellKnown64.Contains(addr) {
		return extract64(addr, wellKnown64.Bits())
	}
	for _, prefix := range p.NAT64 {
		if prefix.Contains(addr) {
			return extract64(addr, prefix.Bits())
		}
	}
	return netip.Addr{}, ""
}

// extract64 reads the IPv4 address behind a prefix of that many bits, as
// https://www.rfc-editor.org/rfc/rfc6052#section-2.2 lays it out. What should be zero and is not is refused, since
// translators may read it in two ways.
func extract64(addr netip.Addr, bits int) (inner netip.Addr, why string) {
	all := addr.As16()
	rest := all[12:]
	if bits <= 64 {
		rest = slices.Concat(all[bits/8:unused64], all[unused64+1:])
	}
	if all[unused64] != 0 || slices.ContainsFunc(rest[4:], func(b byte) bool { return b != 0 }) {
		return netip.Addr{}, "in a prefix of NAT64, with bits set that must be zero"
	}
	return netip.AddrFrom4([4]byte(rest)), ""
}

// CheckNAT64 returns nil if p can stand in [Policy].NAT64 beside others: of a length that translators know, and with no
// address that is in two prefixes.
func CheckNAT64(p netip.Prefix, others ...netip.Prefix) error {
	switch {
	case !p.IsValid():
		return errPrefix
	case !p.Addr().Is6() || p.Addr().Is4In6():
		return fmt.Errorf("egress: %s is no IPv6 prefix", p)
	case !slices.Contains([]int{32, 40, 48, 56, 64, 96}, p.Bits()):
		return fmt.Errorf("egress: %s: the length must be 32, 40, 48, 56, 64 or 96", p)
	case p.Bits() == 96 && p.Addr().As16()[unused64] != 0:
		return fmt.Errorf("egress: %s: bits 64 to 71 must be zero", p)
	}
	for _, other := range append([]netip.Prefix{wellKnown64}, others...) {
		if p.Overlaps(other) && p.Masked() != other.Masked() {
			return fmt.Errorf("egress: %s overlaps %s: what an address in both embeds is not clear", p, other)
		}
	}
	return nil
}
