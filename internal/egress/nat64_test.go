package egress_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

// behind is what a NAT64 without prefixes of its own connects to for addr, read from the text of the address, as people
// do.
func behind(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return addr
	}
	last, well := strings.CutPrefix(addr.StringExpanded(), "0064:ff9b:0000:0000:0000:0000:")
	if !well {
		return addr
	}
	return netip.MustParseAddr("::ffff:" + last).Unmap()
}

// layouts are where the octets of an IPv4 address stand behind a prefix of each length, one row for each as in
// https://www.rfc-editor.org/rfc/rfc6052#section-2.2.
var layouts = map[string][4]int{
	"2a00:1098::/32":          {4, 5, 6, 7},
	"2a00:1098:100::/40":      {5, 6, 7, 9},
	"2a00:1098:122::/48":      {6, 7, 9, 10},
	"2a00:1098:122:300::/56":  {7, 9, 10, 11},
	"2a00:1098:122:344::/64":  {9, 10, 11, 12},
	"2a00:1098:122:344::/96":  {12, 13, 14, 15},
	"fd00:64::/96":            {12, 13, 14, 15},
	"64:ff9b:1::/48":          {6, 7, 9, 10},
	"64:ff9b:1:fffe::/96":     {12, 13, 14, 15},
	"64:ff9b::/96":            {12, 13, 14, 15},
	"2a00:1098:0:0:0:ff::/96": {12, 13, 14, 15},
}

func embed(prefix string, inner string) netip.Addr {
	all, four := netip.MustParsePrefix(prefix).Addr().As16(), netip.MustParseAddr(inner).As4()
	for i, at := range layouts[prefix] {
		all[at] = four[i]
	}
	return netip.AddrFrom16(all)
}

// Whatever the prefix of a translator, what is behind it decides.
func TestNAT64IsJudgedByWhatIsBehind(t *testing.T) {
	for prefix := range layouts {
		policy := egress.Policy{NAT64: prefixes(prefix), Allow: prefixes("10.1.0.0/16")}
		require.NoError(t, egress.CheckNAT64(policy.NAT64[0]))
		for inner, refused := range map[string]string{
			"1.1.1.1": "", "93.184.215.14": "", "9.255.255.255": "",
			"169.254.169.254": "by NAT64 it is 169.254.169.254, in 169.254.0.0/16 (link local)",
			"10.0.0.1":        "by NAT64 it is 10.0.0.1, in 10.0.0.0/8 (private use)",
			"127.0.0.1":       "loopback", "0.0.0.0": "this network", "255.255.255.255": "reserved", "100.100.100.200": "shared",
			"192.0.0.192": "IETF protocol", "168.63.129.16": "Azure", "192.88.99.1": "6to4 relay", "224.0.0.1": "multicast",
		} {
			addr := embed(prefix, inner)
			err := policy.Check(netip.AddrPortFrom(addr, 443))
			if refused == "" {
				require.NoError(t, err, "%s in %s", inner, prefix)
				require.ErrorContains(t, policy.Check(netip.AddrPortFrom(addr, 8443)), "port 8443")
				require.ErrorContains(t, policy.CheckDial("tcp6", netip.AddrPortFrom(addr, 443).String(), true), "plain http")
				continue
			}
			require.ErrorIs(t, err, egress.ErrBlocked, "%s in %s", inner, prefix)
			require.ErrorContains(t, err, refused)
			_, err = egress.ParseURL("https://["+addr.String()+"]/", policy)
			require.ErrorIs(t, err, egress.ErrBlocked, "%s in %s", inner, prefix)
		}
		allowed := netip.AddrPortFrom(embed(prefix, "10.1.2.3"), 8080)
		require.NoError(t, policy.CheckDial("tcp6", allowed.String(), true), "Allow means the address behind, too")
	}
}

// What no translator of this network has made keeps the judgement of its block.
func TestOtherAddressesThatEmbed(t *testing.T) {
	policy := egress.Policy{NAT64: prefixes("2a00:1098:122::/48")}
	for text, block := range map[string]string{
		"64:ff9b:1::101:101":           "outside 2000::/3", // a local translator that is not configured
		"64:ff9b:1:101:1:100::":        "outside 2000::/3",
		"64:ff9b:0:0:0:1:101:101":      "outside 2000::/3", // beside the well-known prefix
		"2002:101:101::1":              "6to4",
		"2002:a9fe:a9fe::1":            "6to4",
		"2001:0:101:101::1":            "IETF protocol", // Teredo
		"2001::f5ff:fffe":              "IETF protocol",
		"::1.1.1.1":                    "outside 2000::/3", // IPv4-compatible
		"::ffff:0:1.1.1.1":             "outside 2000::/3", // IPv4-translated
		"::ffff:169.254.169.254":       "link local",
		"2a00:1098:122:101:1:100::1":   "bits set that must be zero",
		"2a00:1098:122:101:101:100::":  "bits set that must be zero", // bits 64 to 71
		"2a00:1098:122:101:1:100:0:80": "bits set that must be zero",
	} {
		err := policy.Check(netip.AddrPortFrom(netip.MustParseAddr(text), 443))
		require.ErrorIs(t, err, egress.ErrBlocked, text)
		require.ErrorContains(t, err, block, text)
	}
	require.NoError(t, policy.Check(netip.MustParseAddrPort("[2a00:1098:123::1]:443")), "beside a configured prefix")
	allowed := egress.Policy{Allow: prefixes("64:ff9b::/96")}
	require.NoError(t, allowed.Check(netip.MustParseAddrPort("[64:ff9b::10.0.0.1]:80")),
		"Allow means the address itself, too")
}

func TestCheckNAT64(t *testing.T) {
	for prefix := range layouts {
		require.NoError(t, egress.CheckNAT64(netip.MustParsePrefix(prefix), prefixes("2a00:1099::/96", prefix)...), prefix)
	}
	require.ErrorContains(t, egress.CheckNAT64(netip.Prefix{}), "not a valid prefix")
	for prefix, why := range map[string]string{
		"10.0.0.0/8":               "is no IPv6 prefix",
		"::ffff:10.0.0.0/104":      "is no IPv6 prefix",
		"2a00:1098::/33":           "the length must be 32, 40, 48, 56, 64 or 96",
		"2a00:1098::/0":            "the length must be",
		"2a00:1098::/128":          "the length must be",
		"2a00:1098:0:0:ff00::/96":  "bits 64 to 71",
		"64:ff9b::/32":             "overlaps 64:ff9b::/96",
		"64:ff9b::/64":             "overlaps 64:ff9b::/96",
		"2a00:1099::/48":           "overlaps 2a00:1099::/96",
		"2a00:1099:0:0:0:1::/96":   "", // beside it
		"2a00:1099:0:0:0:0:1::/96": "", // the same one, not masked
	} {
		p, err := netip.ParsePrefix(prefix)
		if strings.HasPrefix(prefix, "::ffff") {
			p = netip.PrefixFrom(netip.MustParseAddr("::ffff:10.0.0.0"), 104)
		} else {
			require.NoError(t, err)
		}
		err = egress.CheckNAT64(p, prefixes("2a00:1099::/96")...)
		if why == "" {
			require.NoError(t, err, prefix)
			continue
		}
		require.ErrorContains(t, err, why, prefix)
	}
}

// In a network that has IPv6 alone, its name server answers for IPv4 hosts with the addresses of the translator.
func TestNamesBehindDNS64(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("NOT TESTED, this machine has no IPv6: %v", err)
	}
	l.Close()
	reached := errors.New("allowed, and not really dialled")
	for inner, open := range map[string]bool{"1.1.1.1": true, "169.254.169.254": false, "10.0.0.1": false} {
		for _, prefix := range []string{"64:ff9b::/96", "2a00:1098:122::/48"} {
			var mu sync.Mutex
			var dialled []string
			resolver := testnet.Resolver(t, func(string) []netip.Addr { return []netip.Addr{embed(prefix, inner)} })
			transport := egress.NewTransport(egress.Policy{NAT64: prefixes(prefix)}, egress.Options{
				Resolver: resolver,
				Control: func(_ context.Context, _, address string, _ syscall.RawConn) error {
					mu.Lock()
					defer mu.Unlock()
					dialled = append(dialled, address)
					return reached
				},
			})
			_, _, err := deliver(t, transport, "https://hook.test/")
			if open {
				require.ErrorIs(t, err, reached)
				require.Equal(t, []string{netip.AddrPortFrom(embed(prefix, inner), 443).String()}, dialled)
				continue
			}
			require.Equal(t, egress.Blocked, egress.Classify(err), "%v", err)
			require.Empty(t, dialled)
		}
	}
}

// A prefix says what the network is, whatever it lies in: no address of it is more than what is behind it.
func FuzzNAT64(f *testing.F) {
	for prefix := range layouts {
		p := netip.MustParsePrefix(prefix)
		for _, inner := range []string{"1.1.1.1", "169.254.169.254", "10.0.0.1"} {
			f.Add(p.Addr().AsSlice(), uint8(p.Bits()), embed(prefix, inner).AsSlice())
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, bits uint8, of []byte) {
		base, ok := netip.AddrFromSlice(raw)
		addr, ok2 := netip.AddrFromSlice(of)
		if !ok || !ok2 || egress.CheckNAT64(netip.PrefixFrom(base, int(bits))) != nil {
			t.Skip()
		}
		prefix := netip.PrefixFrom(base, int(bits)).Masked()
		policy := egress.Policy{NAT64: []netip.Prefix{prefix}}
		err := policy.Check(netip.AddrPortFrom(addr, 443))
		if !prefix.Contains(addr) {
			require.Equal(t, isPublic(addr), err == nil, "%s beside %s: %v", addr, prefix, err)
			return
		}
		if err != nil {
			require.ErrorIs(t, err, egress.ErrBlocked)
			return
		}
		at := map[uint8][4]int{32: {4, 5, 6, 7}, 40: {5, 6, 7, 9}, 48: {6, 7, 9, 10}, 56: {7, 9, 10, 11}, 64: {9, 10, 11, 12},
			96: {12, 13, 14, 15}}[bits]
		all := addr.As16()
		inner := netip.AddrFrom4([4]byte{all[at[0]], all[at[1]], all[at[2]], all[at[3]]})
		require.True(t, isPublic(inner), "%s in %s", addr, prefix)
	})
}
