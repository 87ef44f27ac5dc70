package egress_test

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
)

// The last value on either side of a limit.
func TestEdges(t *testing.T) {
	longest := "https://example.com/" + strings.Repeat("a", egress.MaxURL-len("https://example.com/"))
	for raw, fine := range map[string]bool{longest: true, longest + "a": false, "https://a-zA-Z0-9.example/": true} {
		_, err := egress.ParseURL(raw, egress.Policy{})
		require.Equal(t, fine, err == nil, "%.40s: %v", raw, err)
	}
	_, err := egress.ParseURL("ftp://example.com/", egress.Policy{})
	require.ErrorIs(t, err, egress.ErrURL)
	require.NotErrorIs(t, err, egress.ErrBlocked, "no address was refused")
	for host, fine := range map[string]bool{"a~b": true, "a b": false, "a\x7fb": false, "a\tb": false} {
		require.Equal(t, fine, egress.CheckProxy(&url.URL{Scheme: "http", Host: host}) == nil, "%q", host)
	}
	require.NoError(t, egress.CheckNAT64(netip.MustParsePrefix("2001:db8:1:1:ff00::/64")), "those bits are the host's")
}
