package egress_test

import (
	"crypto/tls"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

func TestHTTP1Only(t *testing.T) {
	authority := testnet.NewAuthority(t)
	config := authority.Server("127.0.1.1")
	config.NextProtos = []string{"h2", "http/1.1"}
	server := testnet.ServeTLS(t, "127.0.1.1:0", config, testnet.KeepAlive(testnet.OK))
	transport := newTransport(t, toy, egress.Options{RootCAs: authority.Pool()})
	resp, err := transport.RoundTrip(newRequest(t, patience, server.URL("https")))
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, "http/1.1", resp.TLS.NegotiatedProtocol)
	require.Equal(t, "HTTP/1.1", resp.Proto)
	require.Empty(t, server.Requests()[0].Header.Get("Accept-Encoding"))
}

func TestBadTLS(t *testing.T) {
	authority, stranger := testnet.NewAuthority(t), testnet.NewAuthority(t)
	const host = "127.0.1.1"
	for name, config := range map[string]*tls.Config{
		"expired":        {Certificates: []tls.Certificate{authority.IssueUntil(host, time.Now().Add(-time.Minute))}},
		"wrong host":     authority.Server("127.0.1.2"),
		"wrong name":     authority.Server("example.test"),
		"unknown issuer": stranger.Server(host),
		"TLS 1.1": {Certificates: []tls.Certificate{authority.Issue(host)}, MinVersion: tls.VersionTLS10,
			MaxVersion: tls.VersionTLS11},
		"asks for ours": {Certificates: []tls.Certificate{authority.Issue(host)}, ClientAuth: tls.RequireAnyClientCert,
			MaxVersion: tls.VersionTLS12},
		"no certificate": {GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			server := testnet.ServeTLS(t, host+":0", config, testnet.KeepAlive(testnet.OK))
			transport := newTransport(t, toy, egress.Options{RootCAs: authority.Pool()})
			_, _, err := deliver(t, transport, server.URL("https"))
			require.Equal(t, egress.TLS, egress.Classify(err), err)
			require.Empty(t, server.Requests())
		})
	}
	t.Run("no TLS at all", func(t *testing.T) {
		server := testnet.Serve(t, host+":0", func(c *testnet.Conn) { c.Say("HTTP/1.1 400 Bad Request\r\n\r\n"); c.Hang() })
		_, _, err := deliver(t, newTransport(t, toy, egress.Options{}), server.URL("https"))
		require.Equal(t, egress.TLS, egress.Classify(err), err)
	})
}

// A certificate vouches for the name in the URL; one for the address behind it is worth nothing.
func TestCertificatesAreForTheName(t *testing.T) {
	authority := testnet.NewAuthority(t)
	resolver := testnet.Resolver(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.1.1")} })
	for host, class := range map[string]egress.Class{"hook.test": "", "127.0.1.1": egress.TLS, "other.test": egress.TLS,
		"test": egress.TLS} {
		server := testnet.ServeTLS(t, "127.0.1.1:0", authority.Server(host), testnet.KeepAlive(testnet.OK))
		transport := newTransport(t, toy, egress.Options{RootCAs: authority.Pool(), Resolver: resolver})
		_, _, err := deliver(t, transport, sameURL("https", "hook.test", server))
		require.Equal(t, class, egress.Classify(err), "%s: %v", host, err)
	}
}
