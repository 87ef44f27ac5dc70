package egress_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"

	"code.dny.dev/ssrf"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
)

// Both guards derive their tables from IANA's registries. Where they differ, this says why; all else must agree.
var deliberate = []struct {
	prefix string
	ours   bool // allowed
	why    string
}{
	{"168.63.129.16/32", false, "public by its number, but inside Azure it is the platform's own wire server"},
	{"64:ff9b::/96", true, "addresses of NAT64 are judged as the IPv4 address behind them; theirs refuses them all"},
	{"::ffff:0:0/96", true, "IPv4-mapped addresses are judged as the IPv4 address that is dialled; theirs refuses them all"},
}

func reason(addr netip.Addr, oursAllows bool) string {
	for _, d := range deliberate {
		if d.ours == oursAllows && netip.MustParsePrefix(d.prefix).Contains(addr) {
			return d.why
		}
	}
	return ""
}

// addresses are the first and last of each block that either table could know, their neighbours, and a great many at
// random.
func addresses() []netip.Addr {
	var all []netip.Addr
	edges := func(p netip.Prefix) {
		first, last := p.Masked().Addr(), lastOf(p)
		for _, a := range []netip.Addr{first.Prev(), first, first.Next(), last.Prev(), last, last.Next()} {
			if a.IsValid() {
				all = append(all, a)
			}
		}
	}
	for _, list := range [][]netip.Prefix{ssrf.IPv4DeniedPrefixes, ssrf.IPv6DeniedPrefixes,
		{ssrf.IPv6GlobalUnicast, ssrf.IPv6NAT64Prefix}} {
		for _, p := range list {
			edges(p)
		}
	}
	for _, d := range deliberate {
		edges(netip.MustParsePrefix(d.prefix))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		var four [4]byte
		binary.BigEndian.PutUint32(four[:], random.Uint32())
		all = append(all, netip.AddrFrom4(four))
		var six [16]byte
		binary.BigEndian.PutUint64(six[:8], random.Uint64())
		binary.BigEndian.PutUint64(six[8:], random.Uint64())
		all = append(all, netip.AddrFrom16(six))
		six[0] = 0x20 | six[0]&0x1f // global unicast, where the exceptions are
		all = append(all, netip.AddrFrom16(six))
		copy(six[:], []byte{0x20, byte(random.IntN(3)), byte(random.IntN(2)), byte(random.Uint32())})
		all = append(all, netip.AddrFrom16(six))
		all = append(all, netip.AddrFrom16(netip.AddrFrom4(four).As16()), translated(netip.AddrFrom4(four))) // mapped, NAT64
	}
	return all
}

func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(bytes); bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// translated is the address by which a NAT64 reaches addr.
func translated(addr netip.Addr) netip.Addr {
	bytes, four := ssrf.IPv6NAT64Prefix.Addr().As16(), addr.As4()
	copy(bytes[12:], four[:])
	return netip.AddrFrom16(bytes)
}

func TestPolicyAgainstSSRF(t *testing.T) {
	guardian := ssrf.New(ssrf.WithPorts(443))
	n, allowed, differ := 0, 0, map[string]int{}
	for _, addr := range addresses() {
		ap := netip.AddrPortFrom(addr, 443)
		network := "tcp4"
		if addr.Is6() {
			network = "tcp6"
		}
		ours := egress.Policy{}.CheckDial(network, ap.String(), false) == nil
		theirs := guardian.Safe(network, ap.String(), nil) == nil
		n++
		if ours {
			allowed++
		}
		if ours != theirs {
			why := reason(addr, ours)
			require.NotEmpty(t, why, "%s: ours allows it: %v, theirs: %v", addr, ours, theirs)
			differ[why]++
		}
	}
	require.Greater(t, allowed, n/10, "most public addresses must pass, or nothing is compared")
	for _, d := range deliberate {
		require.NotZero(t, differ[d.why], "nothing differs any more: %s", d.why)
		t.Logf("%d differ: %s", differ[d.why], d.why)
	}
	tally.Ran(t, n, 300_000)
}

// What is behind an address of NAT64 decides, as if it were dialled itself.
func TestNAT64AgainstSSRF(t *testing.T) {
	guardian := ssrf.New(ssrf.WithPorts(443))
	n := 0
	for _, addr := range addresses() {
		if !addr.Is4() {
			continue
		}
		ours := egress.Policy{}.Check(netip.AddrPortFrom(translated(addr), 443)) == nil
		theirs := guardian.SafeAddr(addr) == nil
		if ours != theirs {
			require.NotEmpty(t, reason(addr, ours), "%s by NAT64: ours allows it: %v, theirs itself: %v", addr, ours, theirs)
		}
		n++
	}
	tally.Ran(t, n, 50_000)
}

// Ports, networks and spellings that do not parse.
func TestDialsAgainstSSRF(t *testing.T) {
	guardian := ssrf.New(ssrf.WithPorts(443))
	n := 0
	for _, network := range []string{"tcp", "tcp4", "tcp6", "udp", "udp4", "ip", "unix", ""} {
		for _, address := range []string{
			"93.184.215.14:443", "93.184.215.14:80", "93.184.215.14:0", "93.184.215.14:22", "93.184.215.14",
			"93.184.215.14:https", ":443",
			"[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443", "[2606:2800::1]:8443", "[fe80::1%eth0]:443", "2606:2800::1:443",
			"localhost:443",
			"0x7f000001:443", "127.1:443", "0177.0.0.1:443", "[::1]:443", "", "/var/run/socket",
		} {
			ours := egress.Policy{}.CheckDial(network, address, false)
			theirs := guardian.Safe(network, address, nil)
			require.Equal(t, theirs == nil, ours == nil, "%s %s: ours %v, theirs %v", network, address, ours, theirs)
			n++
		}
	}
	tally.Ran(t, n, 144)
}
