package egress_test

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

// twins listen on one port of two addresses, one allowed and one not.
func twins(t *testing.T) (public, private *testnet.Server) {
	public = testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(testnet.OK))
	private = testnet.Serve(t, fmt.Sprintf("127.0.2.1:%d", public.Addr().Port()), testnet.KeepAlive(testnet.OK))
	return public, private
}

func TestRebindingName(t *testing.T) {
	public, private := twins(t)
	var mu sync.Mutex
	answer := public.Addr().Addr()
	resolver := testnet.Resolver(t, func(string) []netip.Addr {
		mu.Lock()
		defer mu.Unlock()
		return []netip.Addr{answer}
	})
	transport := newTransport(t, toy, egress.Options{Resolver: resolver})
	url := sameURL("http", "rebind.test.", public)
	_, _, err := deliver(t, transport, url)
	require.NoError(t, err)

	mu.Lock()
	answer = private.Addr().Addr()
	mu.Unlock()
	transport.CloseIdleConnections()
	_, _, err = deliver(t, transport, url)
	require.ErrorIs(t, err, egress.ErrBlocked)
	require.Zero(t, private.Accepts())
}

func TestMixedAnswers(t *testing.T) {
	public, private := twins(t)
	for _, answer := range [][]netip.Addr{
		{private.Addr().Addr(), public.Addr().Addr()},
		{public.Addr().Addr(), private.Addr().Addr()},
		{netip.MustParseAddr("::1"), netip.MustParseAddr("fd00:ec2::254"), public.Addr().Addr()},
		{netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("10.0.0.1"), public.Addr().Addr()},
	} {
		resolver := testnet.Resolver(t, func(string) []netip.Addr { return answer })
		transport := newTransport(t, toy, egress.Options{Resolver: resolver})
		_, _, err := deliver(t, transport, sameURL("http", "mixed.test.", public))
		require.NoError(t, err, answer)
	}
	require.Zero(t, private.Accepts())
}

func TestNamesThatLookLikeNumbers(t *testing.T) {
	private := testnet.Serve(t, "127.0.2.1:0", testnet.KeepAlive(testnet.OK))
	resolver := testnet.Resolver(t, func(string) []netip.Addr { return []netip.Addr{private.Addr().Addr()} })
	transport := newTransport(t, toy, egress.Options{Resolver: resolver})
	for host, class := range map[string]egress.Class{
		"2130706945":      egress.DNS, // Go asks no name server about a name without a letter
		"0177.0.2.1":      egress.DNS,
		"127.513":         egress.DNS,
		"0x7f000201":      egress.Blocked,
		"0x7f.0.2.1":      egress.Blocked,
		"localhost.test.": egress.Blocked,
	} {
		_, _, err := deliver(t, transport, sameURL("http", host, private))
		require.Equal(t, class, egress.Classify(err), "%s: %v", host, err)
	}
	require.Zero(t, private.Accepts())
}
