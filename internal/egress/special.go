package egress

import "net/netip"

// special is a block no webhook endpoint lives in.
type special struct {
	prefix netip.Prefix
	name   string
}

// specials4 follows https://www.iana.org/assignments/iana-ipv4-special-registry, globally reachable service blocks
// included. Metadata services at 169.254.169.254, 100.100.100.200 and 192.0.0.192 lie inside registered blocks.
//
// It is tempting to ask netip's IsPrivate and IsGlobalUnicast instead, but they let most of these through.
var specials4 = []special{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private use"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared address space"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},
	{netip.MustParsePrefix("168.63.129.16/32"), "Azure platform services"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link local"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private use"},
	{netip.MustParsePrefix("192.0.0.0/24"), "IETF protocol assignments"},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation"},
	{netip.MustParsePrefix("192.31.196.0/24"), "AS112"},
	{netip.MustParsePrefix("192.52.193.0/24"), "AMT"},
	{netip.MustParsePrefix("192.88.99.0/24"), "6to4 relay anycast"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private use"},
	{netip.MustParsePrefix("192.175.48.0/24"), "AS112"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"},
}

// global6 is all that IANA has handed out as global unicast; the rest of IPv6 (loopback, unique local, link local,
// multicast, local NAT64, compatible and translated IPv4, SRv6, discard) is refused without being listed.
// See https://www.iana.org/assignments/ipv6-address-space.
var global6 = netip.MustParsePrefix("2000::/3")

// specials6 are the blocks inside global6 after https://www.iana.org/assignments/iana-ipv6-special-registry.
var specials6 = []special{
	{netip.MustParsePrefix("2001::/23"), "IETF protocol assignments"}, // Teredo, ORCHID and benchmarking among them
	{netip.MustParsePrefix("2001:db8::/32"), "documentation"},
	{netip.MustParsePrefix("2002::/16"), "6to4"},
	{netip.MustParsePrefix("2620:4f:8000::/48"), "AS112"},
	{netip.MustParsePrefix("3fff::/20"), "documentation"},
}

// denial says why addr, unmapped and without zone, is not public, or what it stands for is not; "" if it is.
func (p Policy) denial(addr netip.Addr) string {
	inner, why := p.translated(addr)
	switch {
	case why != "":
		return why
	case !inner.IsValid():
		return listed(addr)
	}
	if why := listed(inner); why != "" {
		return "by NAT64 it is " + inner.String() + ", in " + why
	}
	return ""
}

// listed says in which block addr is that is not public; "" if in none.
func listed(addr netip.Addr) string {
	table := specials4
	if addr.Is6() {
		if !global6.Contains(addr) {
			return "outside " + global6.String() + " (global unicast)"
		}
		table = specials6
	}
	for _, s := range table {
		if s.prefix.Contains(addr) {
			return s.prefix.String() + " (" + s.name + ")"
		}
	}
	return ""
}
