package egress_test

import (
	"fmt"
	"math/big"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
)

// notPublic is written from the registries a second time, row by row, so that a slip in the code's coarser table shows.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/31", "192.0.2.0/24", "192.31.196.0/24",
	"192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "168.63.129.16/32",
	"::1/128", "::/128", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
	"2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48",
	"2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
	"5f00::/16", "fc00::/7", "fec0::/10", "fe80::/10", "ff00::/8",
	"::/3", "4000::/2", "8000::/1", // not handed out as global unicast
)

func prefixes(texts ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

func isPublic(addr netip.Addr) bool {
	addr = behind(addr.WithZone("").Unmap())
	for _, prefix := range notPublic {
		if prefix.Contains(addr) {
			return false
		}
	}
	return addr.IsValid()
}

func last(p netip.Prefix) netip.Addr {
	bits := p.Addr().BitLen()
	n := new(big.Int).SetBytes(p.Masked().Addr().AsSlice())
	size := new(big.Int).Lsh(big.NewInt(1), uint(bits-p.Bits()))
	n.Add(n, size).Sub(n, big.NewInt(1))
	addr, _ := netip.AddrFromSlice(n.FillBytes(make([]byte, bits/8)))
	return addr
}

func TestCheckAtTheEdgesOfEveryBlock(t *testing.T) {
	var policy egress.Policy
	for _, prefix := range notPublic {
		first, last := prefix.Masked().Addr(), last(prefix)
		for _, inside := range []netip.Addr{first, last} {
			require.ErrorIs(t, policy.Check(netip.AddrPortFrom(inside, 443)), egress.ErrBlocked, "%s in %s", inside, prefix)
		}
		for _, outside := range []netip.Addr{first.Prev(), last.Next()} {
			if outside.IsValid() {
				err := policy.Check(netip.AddrPortFrom(outside, 443))
				require.Equal(t, isPublic(outside), err == nil, "%s beside %s: %v", outside, prefix, err)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	intranet := egress.Policy{Allow: prefixes("10.1.0.0/16", "fd00:1::/32", "fe80::/10")}
	for _, c := range []struct {
		name    string
		policy  egress.Policy
		address string
		blocked string // "" if allowed
	}{
		{"public", egress.Policy{}, "1.1.1.1:443", ""},
		{"public v6", egress.Policy{}, "[2606:4700::1111]:443", ""},
		{"public, mapped", egress.Policy{}, "[::ffff:1.1.1.1]:443", ""},
		{"public, other port", egress.Policy{}, "1.1.1.1:8443", "port 8443; only 443"},
		{"public, http port", egress.Policy{}, "1.1.1.1:80", "port 80"},
		{"public, port 0", egress.Policy{}, "1.1.1.1:0", "port 0"},
		{"loopback", egress.Policy{}, "127.0.0.1:443", "127.0.0.0/8 (loopback)"},
		{"loopback v6", egress.Policy{}, "[::1]:443", "outside 2000::/3"},
		{"loopback, mapped", egress.Policy{}, "[::ffff:127.0.0.1]:443", "loopback"},
		{"loopback, mapped with zone", egress.Policy{}, "[::ffff:127.0.0.1%lo]:443", "loopback"},
		{"loopback, compatible", egress.Policy{}, "[::7f00:1]:443", "outside 2000::/3"},
		{"loopback with zone", egress.Policy{}, "[::1%lo]:443", "outside 2000::/3"},
		{"private through NAT64", egress.Policy{}, "[64:ff9b::a00:1]:443", "10.0.0.0/8 (private use)"},
		{"private through 6to4", egress.Policy{}, "[2002:a00:1::1]:443", "2002::/16 (6to4)"},
		{"private through Teredo", egress.Policy{}, "[2001::f5ff:fffe]:443", "IETF protocol"},
		{"AWS metadata", egress.Policy{}, "169.254.169.254:443", "link local"},
		{"AWS metadata v6", egress.Policy{}, "[fd00:ec2::254]:443", "outside 2000::/3"},
		{"Alibaba metadata", egress.Policy{}, "100.100.100.200:443", "shared address space"},
		{"Oracle metadata", egress.Policy{}, "192.0.0.192:443", "IETF protocol"},
		{"Azure wire server", egress.Policy{}, "168.63.129.16:443", "Azure"},
		{"allowed", intranet, "10.1.2.3:5432", ""},
		{"allowed, mapped", intranet, "[::ffff:10.1.2.3]:80", ""},
		{"allowed v6", intranet, "[fd00:1::5]:8080", ""},
		{"allowed with zone", intranet, "[fe80::1%lo]:8080", ""},
		{"allowed, port 0", intranet, "10.1.2.3:0", "port 0"},
		{"beside the allowed", intranet, "10.2.0.0:443", "private use"},
		{"metadata, something else allowed", intranet, "169.254.169.254:443", "link local"},
		{"public port stays closed", intranet, "1.1.1.1:80", "port 80"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.policy.Check(netip.MustParseAddrPort(c.address))
			if c.blocked == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, egress.ErrBlocked)
			require.ErrorContains(t, err, c.blocked)
		})
	}
	require.ErrorIs(t, egress.Policy{}.Check(netip.AddrPortFrom(netip.Addr{}, 443)), egress.ErrBlocked)
}

func TestCheckDial(t *testing.T) {
	intranet := egress.Policy{Allow: prefixes("10.1.0.0/16")}
	for _, c := range []struct {
		network, address string
		plain, allowed   bool
	}{
		{"tcp4", "1.1.1.1:443", false, true},
		{"tcp6", "[2606:4700::1111]:443", false, true},
		{"tcp4", "1.1.1.1:443", true, false},
		{"tcp4", "10.1.0.1:80", true, true},
		{"tcp6", "[::ffff:10.1.0.1]:80", true, true},
		{"tcp4", "10.1.0.1:8443", false, true},
		{"tcp4", "10.2.0.1:443", false, false},
		{"tcp", "1.1.1.1:443", false, false},
		{"udp4", "1.1.1.1:443", false, false},
		{"unix", "/run/docker.sock", false, false},
		{"tcp4", "1.1.1.1", false, false},
		{"tcp4", "1.1.1.1:https", false, false},
		{"tcp4", "example.com:443", false, false},
		{"tcp4", "010.1.0.1:443", false, false},
		{"tcp4", "", false, false},
	} {
		err := intranet.CheckDial(c.network, c.address, c.plain)
		if c.allowed {
			require.NoError(t, err, c)
		} else {
			require.ErrorIs(t, err, egress.ErrBlocked, c)
		}
	}
}

func TestCheckAllow(t *testing.T) {
	for _, p := range prefixes("10.0.0.0/8", "::1/128", "0.0.0.0/0", "64:ff9b::/96") {
		require.NoError(t, egress.CheckAllow(p))
	}
	require.ErrorContains(t, egress.CheckAllow(netip.Prefix{}), "not a valid prefix")
	mapped := netip.PrefixFrom(netip.MustParseAddr("::ffff:10.0.0.0"), 104)
	require.ErrorContains(t, egress.CheckAllow(mapped), "::ffff:10.0.0.0/104 is IPv4-mapped; write the IPv4 prefix")
}

// Ports decide about public addresses and names alone: they open no address, and nothing without TLS.
func TestPorts(t *testing.T) {
	allow := prefixes("10.1.0.0/16")
	for _, c := range []struct {
		ports []uint16
		host  string
		port  uint16
		plain bool
		why   string // "" if allowed
	}{
		{nil, "1.1.1.1", 443, false, ""},
		{nil, "1.1.1.1", 8443, false, "port 8443; only 443 may be used"},
		{[]uint16{}, "1.1.1.1", 443, false, ""},
		{[]uint16{443, 8443}, "1.1.1.1", 443, false, ""},
		{[]uint16{443, 8443}, "1.1.1.1", 8443, false, ""},
		{[]uint16{443, 8443}, "1.1.1.1", 9443, false, "port 9443; only 443, 8443 may be used"},
		{[]uint16{8443}, "1.1.1.1", 443, false, "port 443; only 8443 may be used"},
		{[]uint16{80, 443}, "1.1.1.1", 80, true, "plain http"},
		{[]uint16{443, 8443}, "[2606:4700::1111]", 8443, false, ""},
		{[]uint16{443, 8443}, "127.0.0.1", 8443, false, "loopback"},
		{[]uint16{0}, "1.1.1.1", 0, false, "port 0"},
		{[]uint16{8443}, "10.1.2.3", 443, false, ""},
		{[]uint16{8443}, "10.1.2.3", 80, true, ""},
	} {
		policy := egress.Policy{Allow: allow, Ports: c.ports}
		dialled := policy.CheckDial(network(c.host), fmt.Sprintf("%s:%d", c.host, c.port), c.plain)
		scheme := map[bool]string{false: "https", true: "http"}[c.plain]
		_, parsed := egress.ParseURL(fmt.Sprintf("%s://%s:%d/", scheme, c.host, c.port), policy)
		if c.why == "" {
			require.NoError(t, dialled, c)
			require.NoError(t, parsed, c)
			continue
		}
		require.ErrorIs(t, dialled, egress.ErrBlocked, c)
		require.ErrorContains(t, dialled, c.why)
		require.ErrorIs(t, parsed, egress.ErrURL, c)
	}
	for _, raw := range []string{"https://hook.test:9443/", "https://hook.test/"} {
		_, err := egress.ParseURL(raw, egress.Policy{Ports: []uint16{8443, 8444}})
		require.ErrorContains(t, err, "is closed; only 8443, 8444 may be used", raw)
	}
	u, err := egress.ParseURL("https://hook.test:8443/", egress.Policy{Ports: []uint16{8443}})
	require.NoError(t, err)
	require.Equal(t, "https://hook.test:8443/", u.String())
}

func network(host string) string {
	if host[0] == '[' {
		return "tcp6"
	}
	return "tcp4"
}

func FuzzCheckDial(f *testing.F) {
	for _, network := range []string{"tcp4", "tcp6", "tcp", "unix", ""} {
		for _, address := range []string{
			"1.1.1.1:443", "127.0.0.1:443", "10.1.2.3:80", "[::1%lo]:443", "[::ffff:10.1.2.3]:443", "[2606:4700::1111]:443",
			"2130706433:443", "0x7f.1:443", "127.1:443", "[1.1.1.1]:443", ":443", "1.1.1.1:0443", "1.1.1.1:+443", "",
		} {
			f.Add(network, address, false)
			f.Add(network, address, true)
		}
	}
	allow := netip.MustParsePrefix("10.1.0.0/16")
	policy := egress.Policy{Allow: []netip.Prefix{allow}}
	f.Fuzz(func(t *testing.T, network, address string, plain bool) {
		err := policy.CheckDial(network, address, plain)
		if err != nil {
			require.ErrorIs(t, err, egress.ErrBlocked)
			return
		}
		require.Contains(t, []string{"tcp4", "tcp6"}, network)
		ap, err := netip.ParseAddrPort(address)
		require.NoError(t, err)
		addr := behind(ap.Addr().Unmap().WithZone(""))
		require.True(t, allow.Contains(addr) || !plain && isPublic(addr) && ap.Port() == 443, "%s %s", network, address)
	})
}

func FuzzCheck(f *testing.F) {
	for _, prefix := range notPublic {
		f.Add(prefix.Addr().AsSlice(), uint16(443))
	}
	f.Add([]byte{1, 1, 1, 1}, uint16(443))
	for _, text := range []string{"64:ff9b::1.1.1.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1.1.1.1", "::ffff:1.1.1.1",
		"::ffff:0:1.1.1.1"} {
		f.Add(netip.MustParseAddr(text).AsSlice(), uint16(443))
	}
	f.Fuzz(func(t *testing.T, raw []byte, port uint16) {
		addr, ok := netip.AddrFromSlice(raw)
		err := egress.Policy{}.Check(netip.AddrPortFrom(addr, port))
		require.Equal(t, ok && isPublic(addr) && port == 443, err == nil, "%s: %v", addr, err)
	})
}

func BenchmarkCheck(b *testing.B) {
	policy := egress.Policy{Allow: prefixes("10.1.0.0/16")}
	for name, address := range map[string]string{"IPv4": "1.1.1.1:443", "IPv6": "[2606:4700::1111]:443"} {
		b.Run(name, func(b *testing.B) {
			ap := netip.MustParseAddrPort(address)
			b.ReportAllocs()
			for b.Loop() {
				if policy.Check(ap) != nil {
					b.Fatal("blocked")
				}
			}
		})
	}
}
