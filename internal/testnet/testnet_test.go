package testnet_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

// recorder is a testing.TB whose failures are counted instead of failing the test.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestTripwire(t *testing.T) {
	for address, tripped := range map[string]bool{
		"127.0.0.1:80":          false,
		"127.0.2.1:443":         false,
		"[::1]:443":             false,
		"[::ffff:127.0.0.1]:80": false,
		"192.0.2.1:443":         true,
		"10.0.0.1:443":          true,
		"[2001:db8::1]:443":     true,
		"0.0.0.0:80":            true,
		"example.test:80":       true,
		"":                      true,
	} {
		r := &recorder{TB: t}
		err := testnet.Tripwire(r)(t.Context(), "tcp4", address, nil)
		require.Equal(t, tripped, err != nil, address)
		require.Equal(t, tripped, len(r.failures) == 1, address)
	}
}

func TestLoopbackDialsNobodyElse(t *testing.T) {
	r := &recorder{TB: t}
	conn, err := testnet.Loopback(r)(t.Context(), "tcp", "192.0.2.1:443")
	require.Nil(t, conn)
	require.ErrorContains(t, err, "not on loopback")
	require.Len(t, r.failures, 1)
}

func TestResolver(t *testing.T) {
	v4, v6 := netip.MustParseAddr("127.0.1.1"), netip.MustParseAddr("::1")
	resolver := testnet.Resolver(t, func(name string) []netip.Addr {
		switch name {
		case "both.example.test":
			return []netip.Addr{v4, v6}
		case "four.example.test":
			return []netip.Addr{v4, netip.MustParseAddr("127.0.2.1")}
		case "empty.example.test":
			return []netip.Addr{}
		}
		return nil
	})
	lookup := func(name string) ([]netip.Addr, error) {
		return resolver.LookupNetIP(t.Context(), "ip", name)
	}
	addrs, err := lookup("Both.example.test.")
	require.NoError(t, err)
	require.ElementsMatch(t, []netip.Addr{v4, v6}, addrs)
	addrs, err = lookup("four.example.test.")
	require.NoError(t, err)
	require.Len(t, addrs, 2)
	for _, missing := range []string{"empty.example.test.", "none.example.test."} {
		_, err = lookup(missing)
		var dns *net.DNSError
		require.ErrorAs(t, err, &dns, missing)
		require.True(t, dns.IsNotFound, missing)
	}
}

func TestServerCounts(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(testnet.OK))
	transport := &http.Transport{DialContext: testnet.Loopback(t)}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for range 2 {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL("http"),
			strings.NewReader("hello"))
		require.NoError(t, err)
		resp, err := client.Do(req)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		buf := make([]byte, 8)
		n, _ := resp.Body.Read(buf)
		require.Equal(t, "ok", string(buf[:n]))
		require.NoError(t, resp.Body.Close())
	}
	require.GreaterOrEqual(t, server.Accepts(), 1)
	require.Len(t, server.Requests(), 2)
	require.Equal(t, "hello", string(server.Requests()[1].Payload))
	require.Equal(t, "/hook", server.Requests()[1].URL.Path)
}
