package confine_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	_ "github.com/kirimhooks/kirimhooks/internal/testnet/confine"
)

func TestNothingLeaves(t *testing.T) {
	get := func(url string) error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			err = answer.Body.Close()
		}
		return err
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	require.NoError(t, get(server.URL))
	require.NoError(t, get(strings.Replace(server.URL, "127.0.0.1", "localhost", 1)))
	for _, url := range []string{"http://192.0.2.1/", "http://[2001:db8::1]/", "https://192.0.2.1:8443/"} {
		require.ErrorContains(t, get(url), "tests stay on loopback", url)
	}
	const asked = "tests ask no name server"
	require.ErrorContains(t, get("http://name.example/"), asked)
	_, err := net.DefaultResolver.LookupHost(t.Context(), "name.example")
	require.ErrorContains(t, err, asked)
	_, err = net.LookupHost("name.example")
	require.ErrorContains(t, err, asked)
}

// A transport as a Sender has it, without a resolver of its own.
func TestNoNameServerIsAskedForDeliveries(t *testing.T) {
	transport := egress.NewTransport(egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		egress.Options{})
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://name.example/",
		strings.NewReader("{}"))
	require.NoError(t, err)
	_, err = transport.RoundTrip(r)
	require.ErrorContains(t, err, "tests ask no name server")
	require.Equal(t, egress.DNS, egress.Classify(err))
}
