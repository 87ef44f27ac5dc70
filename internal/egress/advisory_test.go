package egress_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

// One test for each published fault of others that this package must not share, by the id under which it is known.

// An allow-list made of IsPrivate let every other special range through.
func TestAdvisory_CVE_2026_22874(t *testing.T) {
	for _, text := range []string{
		"100.64.0.1", "100.100.100.200", "0.1.2.3", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1",
		"203.0.113.1", "240.0.0.1",
		"168.63.129.16", "::7f00:1", "fec0::1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::", "2001::1", "2001:db8::1",
		"3fff::1", "5f00::1", "100::1", "2620:4f:8000::1",
	} {
		addr := netip.MustParseAddr(text)
		require.True(t, addr.IsGlobalUnicast() && !addr.IsPrivate(), "%s: the standard library calls it public", addr)
		require.ErrorIs(t, egress.Policy{}.Check(netip.AddrPortFrom(addr, 443)), egress.ErrBlocked)
	}
}

// The predicates of net/netip were false for IPv4-mapped addresses.
func TestAdvisory_CVE_2024_24790(t *testing.T) {
	for _, text := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1", "0.0.0.0", "224.0.0.1"} {
		mapped := netip.AddrFrom16(netip.MustParseAddr(text).As16())
		require.True(t, mapped.Is4In6())
		for _, addr := range []netip.Addr{mapped, mapped.WithZone("lo")} {
			require.ErrorIs(t, egress.Policy{}.Check(netip.AddrPortFrom(addr, 443)), egress.ErrBlocked, addr)
		}
	}
}

// Mapped, NAT64, 6to4 and Teredo forms of an internal address were accepted, and a literal skipped the check.
func TestAdvisory_GHSA_qhf2_x32h_c288(t *testing.T) {
	for _, text := range []string{"::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::",
		"2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1", "::a9fe:a9fe"} {
		_, err := egress.ParseURL("https://["+text+"]/", egress.Policy{})
		require.ErrorIs(t, err, egress.ErrBlocked, text)
		require.ErrorIs(t, egress.Policy{}.CheckDial("tcp6", "["+text+"]:443", false), egress.ErrBlocked, text)
	}
}

// A check of the URL was followed by a dial that resolved the name again, then by a redirect.
func TestAdvisory_CVE_2026_30242(t *testing.T) {
	public, private := twins(t)
	answers := []netip.Addr{public.Addr().Addr(), private.Addr().Addr()}
	queries := 0 // each look-up makes two, for A and AAAA
	resolver := testnet.Resolver(t, func(string) []netip.Addr {
		i := queries / 2 % 2
		queries++
		return answers[i : i+1]
	})
	transport := newTransport(t, toy, egress.Options{Resolver: resolver, IdlePerHost: -1})
	blocked := 0
	for range 8 {
		_, _, err := deliver(t, transport, sameURL("http", "alternates.test.", public))
		if err != nil {
			require.ErrorIs(t, err, egress.ErrBlocked)
			blocked++
		}
	}
	require.NotZero(t, blocked)
	require.Zero(t, private.Accepts())
}

// The check was skipped when its own look-up failed.
func TestAdvisory_CVE_2021_22175(t *testing.T) {
	_, private := twins(t)
	queries := 0 // each look-up makes two, for A and AAAA
	resolver := testnet.Resolver(t, func(string) []netip.Addr {
		if queries++; queries <= 2 {
			return nil
		}
		return []netip.Addr{private.Addr().Addr()}
	})
	transport := newTransport(t, toy, egress.Options{Resolver: resolver})
	for _, class := range []egress.Class{egress.DNS, egress.Blocked, egress.Blocked} {
		_, _, err := deliver(t, transport, sameURL("http", "flaky.test.", private))
		require.Equal(t, class, egress.Classify(err), err)
	}
	require.Zero(t, private.Accepts())
}

// Brackets around a name passed a list of denied hosts.
func TestAdvisory_CVE_2022_29188(t *testing.T) {
	for _, host := range []string{"[example.com]", "[localhost]", "[127.0.0.1]", "[[::1]]", "[::1", "::1]"} {
		_, err := egress.ParseURL("https://"+host+"/", egress.Policy{})
		require.ErrorIs(t, err, egress.ErrURL, host)
	}
	private := testnet.Serve(t, "127.0.2.1:0", testnet.KeepAlive(testnet.OK))
	_, _, err := deliver(t, newTransport(t, toy, egress.Options{}), sameURL("http", "[::ffff:127.0.2.1]", private))
	require.ErrorIs(t, err, egress.ErrBlocked)
	require.Zero(t, private.Accepts())
}

// Chunk extensions made a small body cost a large one.
func TestAdvisory_CVE_2023_39326(t *testing.T) {
	chunk := "1;" + strings.Repeat("x", 4000) + "\r\na\r\n"
	server := testnet.Serve(t, "127.0.1.1:0",
		testnet.Endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, nil))
	_, body, err := deliver(t, newTransport(t, toy, egress.Options{}), server.URL("http"))
	require.Equal(t, egress.Protocol, egress.Classify(err), err)
	require.Less(t, len(body), 64)
}

// HTTP/2 frames without end, and answers to "Expect: 100-continue" that left a connection in disorder: neither is
// spoken.
func TestAdvisory_CVE_2023_45288_and_CVE_2024_24791(t *testing.T) {
	authority := testnet.NewAuthority(t)
	config := authority.Server("127.0.1.1")
	config.NextProtos = []string{"h2", "http/1.1"}
	server := testnet.ServeTLS(t, "127.0.1.1:0", config, testnet.KeepAlive(testnet.OK))
	_, _, err := deliver(t, newTransport(t, toy, egress.Options{RootCAs: authority.Pool()}), server.URL("https"))
	require.NoError(t, err)
	require.Equal(t, 1, server.Requests()[0].ProtoMajor)

	early := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive("HTTP/1.1 100 Continue\r\n\r\n"+testnet.OK))
	_, body, err := deliver(t, newTransport(t, toy, egress.Options{}), early.URL("http"))
	require.NoError(t, err)
	require.Equal(t, "ok", body)
	require.NotContains(t, early.Requests()[0].Header, "Expect")
}
