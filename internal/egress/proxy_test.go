package egress_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

// proxyPassword must show nowhere but in Proxy-Authorization.
const proxyPassword = "hunter2-of-the-proxy"

func proxyURL(scheme string, s *testnet.Server) *url.URL {
	return &url.URL{Scheme: scheme, User: url.UserPassword("scout", proxyPassword), Host: s.Addr().String()}
}

func requirePasswordHidden(t *testing.T, err error) {
	t.Helper()
	encoded := base64.StdEncoding.EncodeToString([]byte("scout:" + proxyPassword))
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err), egress.Describe(err)} {
		require.NotContains(t, text, proxyPassword)
		require.NotContains(t, text, encoded)
		require.NotContains(t, text, "scout")
	}
}

// A request goes through the proxy in a tunnel that ends at the endpoint, and the tunnel is kept.
func TestProxyDelivers(t *testing.T) {
	authority := testnet.NewAuthority(t)
	for _, scheme := range []string{"http", "https"} {
		for raw, target := range map[string]string{
			"https://hook.test/hook":      "hook.test:443",
			"https://hook.test:8443/hook": "hook.test:8443",
			"https://localhost/hook":      "localhost:443", // net/http spares it the environment's proxies, not this one
			"https://1.1.1.1/hook":        "1.1.1.1:443",
		} {
			t.Run(scheme+" "+target, func(t *testing.T) {
				u, err := url.Parse(raw)
				require.NoError(t, err)
				config := authority.Server(u.Hostname())
				config.NextProtos = []string{"h2", "http/1.1"}
				endpoint := testnet.ServeTLS(t, "127.0.2.1:0", config, testnet.KeepAlive(testnet.OK))
				proxy := testnet.Serve(t, "127.0.3.1:0", testnet.Tunnel(t, endpoint.Addr()))
				if scheme == "https" {
					proxy = testnet.ServeTLS(t, "127.0.3.1:0", authority.Server("127.0.3.1"), testnet.Tunnel(t, endpoint.Addr()))
				}
				transport := newTransport(t, egress.Policy{Ports: []uint16{443, 8443}},
					egress.Options{Proxy: proxyURL(scheme, proxy), RootCAs: authority.Pool()})
				for range 3 {
					status, body, err := deliver(t, transport, raw)
					require.NoError(t, err)
					require.Equal(t, http.StatusOK, status)
					require.Equal(t, "ok", body)
				}
				require.LessOrEqual(t, proxy.Accepts(), 2, "see TestConnectionsAreReused")
				asked := proxy.Requests()[0]
				require.Equal(t, http.MethodConnect, asked.Method)
				require.Equal(t, target, asked.Host)
				require.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte("scout:"+proxyPassword)),
					asked.Header.Get("Proxy-Authorization"))
				require.Len(t, endpoint.Requests(), 3)
				got := endpoint.Requests()[0]
				require.Equal(t, "/hook", got.RequestURI)
				require.Equal(t, "HTTP/1.1", got.Proto)
				require.Empty(t, got.Header.Get("Proxy-Authorization"))
				require.Empty(t, got.Header.Get("Accept-Encoding"))
			})
		}
	}
}

// The proxy is trusted with addresses, never with what is in the tunnel.
func TestProxyChangesNothingAboutTLS(t *testing.T) {
	authority, stranger := testnet.NewAuthority(t), testnet.NewAuthority(t)
	for name, config := range map[string]*tls.Config{
		"expired": {Certificates: []tls.Certificate{authority.IssueUntil("hook.test",
			time.Now().Add(-time.Minute))}},
		"wrong name":       authority.Server("other.test"),
		"the proxy's name": authority.Server("127.0.3.1"),
		"unknown issuer":   stranger.Server("hook.test"),
		"TLS 1.1": {Certificates: []tls.Certificate{authority.Issue("hook.test")}, MinVersion: tls.VersionTLS10,
			MaxVersion: tls.VersionTLS11},
		"no certificate": {GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }},
	} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(name+" "+scheme, func(t *testing.T) {
				endpoint := testnet.ServeTLS(t, "127.0.2.1:0", config, testnet.KeepAlive(testnet.OK))
				proxy := testnet.Serve(t, "127.0.3.1:0", testnet.Tunnel(t, endpoint.Addr()))
				if scheme == "https" {
					proxy = testnet.ServeTLS(t, "127.0.3.1:0", authority.Server("127.0.3.1"), testnet.Tunnel(t, endpoint.Addr()))
				}
				_, _, err := deliver(t, newTransport(t, egress.Policy{},
					egress.Options{Proxy: proxyURL(scheme, proxy), RootCAs: authority.Pool()}), "https://hook.test/")
				require.Equal(t, egress.TLS, egress.Classify(err), err)
				requirePasswordHidden(t, err)
				require.Empty(t, endpoint.Requests())
			})
		}
	}
}

// What is at the addresses of the URL, or of the name in it, hears nothing; no name but the proxy's own is looked up
// here.
func TestProxyIsAllThatIsDialled(t *testing.T) {
	authority := testnet.NewAuthority(t)
	trap := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(testnet.OK))
	endpoint := testnet.ServeTLS(t, "127.0.2.1:0", authority.Server("hook.test"), testnet.KeepAlive(testnet.OK))
	proxy := testnet.Serve(t, "127.0.3.1:0", testnet.Tunnel(t, endpoint.Addr()))
	resolver := testnet.Resolver(t, func(name string) []netip.Addr {
		if strings.HasPrefix(name, "proxy.test") {
			return []netip.Addr{proxy.Addr().Addr()}
		}
		t.Errorf("%s was looked up", name)
		return []netip.Addr{trap.Addr().Addr()}
	})
	policy := egress.Policy{Ports: []uint16{443, trap.Addr().Port()}}
	via := &url.URL{Scheme: "http", Host: fmt.Sprintf("proxy.test:%d", proxy.Addr().Port())}
	transport := newTransport(t, policy, egress.Options{Proxy: via, Resolver: resolver, RootCAs: authority.Pool()})
	_, _, err := deliver(t, transport, sameURL("https", "hook.test", trap))
	require.NoError(t, err)
	require.Equal(t, 1, proxy.Accepts())

	open := newTransport(t, toy, egress.Options{Proxy: via, Resolver: resolver})
	for _, url := range []string{trap.URL("http"), sameURL("http", "hook.test", trap), "http://hook.test/"} {
		_, _, err := deliver(t, open, url)
		require.Equal(t, egress.Blocked, egress.Classify(err), "%s: %v", url, err)
		require.ErrorContains(t, err, "plain http")
	}
	for _, url := range []string{
		trap.URL("https"), "http://hook.test/", "https://hook.test:8444/", "https://127.0.2.1/", "https://10.0.0.1/",
		"https://[::1]/",
		"https://[::ffff:10.0.0.1]/", "https://169.254.169.254/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
		"https://user@hook.test/", "https://hook.test./", "https://[fe80::1%25lo]/",
	} {
		_, _, err := deliver(t, transport, url)
		require.Equal(t, egress.Blocked, egress.Classify(err), "%s: %v", url, err)
	}
	require.Zero(t, trap.Accepts())
	require.Equal(t, 1, proxy.Accepts(), "nor is the proxy asked for what the policy denies")
}

// Whose fault it is decides whether an attempt is consumed.
func TestProxyJudgement(t *testing.T) {
	says := func(answer string) func(*testnet.Conn) {
		return func(c *testnet.Conn) { _ = c.Request() && c.Say(answer) }
	}
	for _, c := range []struct {
		name   string
		handle func(*testnet.Conn)
		class  egress.Class
		text   string
	}{
		{"403", says("HTTP/1.1 403 Forbidden\r\n\r\n"), egress.Blocked, "by the proxy"},
		{"407", says("HTTP/1.1 407 " + proxyPassword + "\r\n\r\n"), egress.Proxy, "answered with 407"},
		{"500", says("HTTP/1.1 500 Oops\r\n\r\n"), egress.Proxy, "answered with 500"},
		{"502", says("HTTP/1.1 502 Bad Gateway\r\n\r\n"), egress.Connect, "answered with 502"},
		{"503", says("HTTP/1.1 503 Service Unavailable\r\n\r\n"), egress.Connect, "answered with 503"},
		{"504", says("HTTP/1.1 504 Gateway Timeout\r\n\r\n"), egress.Timeout, "answered with 504"},
		{"a web server", says("HTTP/1.1 405 Method Not Allowed\r\n\r\n"), egress.Proxy, "answered with 405"},
		{"a redirect", says("HTTP/1.1 302 Found\r\nLocation: http://127.0.1.1/\r\n\r\n"), egress.Proxy, "answered with 302"},
		{"an odd success", says("HTTP/1.1 204 No Content\r\n\r\n"), egress.Proxy, "answered with 204"},
		{"not HTTP", says(proxyPassword + "\r\n\r\n"), egress.Proxy, "not HTTP"},
		{"hangs up", says(""), egress.Proxy, "EOF"},
		{"resets", func(c *testnet.Conn) { c.Request(); c.Reset() }, egress.Proxy, "reset"},
		{"endless header", testnet.EndlessHeader(nil), egress.Proxy, "EOF"},
		{"says nothing", func(c *testnet.Conn) { c.Hang() }, egress.Timeout, "timeout"},
		{"a tunnel to nowhere", says("HTTP/1.1 200 OK\r\n\r\n"), egress.TLS, "handshake"},
		{"a tunnel that hangs", func(c *testnet.Conn) { _ = c.Request() && c.Say("HTTP/1.1 200 OK\r\n\r\n"); c.Hang() },
			egress.Timeout, "timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy := testnet.Serve(t, "127.0.3.1:0", c.handle)
			// DialTimeout bounds what the request's context, which is far longer, does not.
			transport := newTransport(t, egress.Policy{},
				egress.Options{Proxy: proxyURL("http", proxy), DialTimeout: time.Second})
			req := newRequest(t, time.Minute, "https://hook.test/")
			_, err := transport.RoundTrip(req)
			require.NoError(t, req.Context().Err())
			require.Equal(t, c.class, egress.Classify(err), err)
			require.ErrorContains(t, err, c.text)
			requirePasswordHidden(t, err)
		})
	}
}

func TestProxyOutOfReach(t *testing.T) {
	plain := testnet.Serve(t, "127.0.3.1:0",
		func(c *testnet.Conn) { c.Request(); c.Say("HTTP/1.1 400 Bad Request\r\n\r\n") })
	mute := testnet.Serve(t, "127.0.3.1:0", func(c *testnet.Conn) { c.Hang() })
	secure := testnet.ServeTLS(t, "127.0.3.1:0", testnet.NewAuthority(t).Server("127.0.3.1"),
		func(c *testnet.Conn) { c.Request() })
	unknown := testnet.Resolver(t, func(string) []netip.Addr { return nil })
	for name, via := range map[string]*url.URL{
		"refused":             {Scheme: "http", Host: "127.0.3.1:9"},
		"no such name":        {Scheme: "http", Host: "proxy.test:3128"},
		"no TLS":              proxyURL("https", plain),
		"silent TLS":          proxyURL("https", mute),
		"unknown certificate": proxyURL("https", secure),
	} {
		t.Run(name, func(t *testing.T) {
			transport := newTransport(t, egress.Policy{},
				egress.Options{Proxy: via, Resolver: unknown, DialTimeout: time.Second})
			_, _, err := deliver(t, transport, "https://hook.test/")
			require.Equal(t, egress.Proxy, egress.Classify(err), err)
			requirePasswordHidden(t, err)
		})
	}
	t.Run("slower than the request", func(t *testing.T) {
		slow := func(ctx context.Context, _, _ string, _ syscall.RawConn) error { <-ctx.Done(); return ctx.Err() }
		transport := egress.NewTransport(egress.Policy{},
			egress.Options{Proxy: proxyURL("http", mute), Control: slow, DialTimeout: time.Second})
		_, err := transport.RoundTrip(newRequest(t, 10*time.Millisecond, "https://hook.test/"))
		require.Equal(t, egress.Proxy, egress.Classify(err), err)
	})
}

// Redirects, large heads and kept connections that close are what they are without a proxy.
func TestProxyChangesNothingElse(t *testing.T) {
	authority := testnet.NewAuthority(t)
	behind := func(handle func(*testnet.Conn)) (*egress.Transport, *testnet.Server) {
		endpoint := testnet.ServeTLS(t, "127.0.2.1:0", authority.Server("hook.test"), handle)
		proxy := testnet.Serve(t, "127.0.3.1:0", testnet.Tunnel(t, endpoint.Addr()))
		return newTransport(t, egress.Policy{},
			egress.Options{Proxy: proxyURL("http", proxy), RootCAs: authority.Pool(), DialTimeout: time.Second}), endpoint
	}
	transport, endpoint := behind(testnet.KeepAlive("HTTP/1.1 307 Elsewhere\r\nLocation: https://hook.test/other\r\nContent-Length: 0\r\n\r\n"))
	status, _, err := deliver(t, transport, "https://hook.test/")
	require.NoError(t, err)
	require.Equal(t, 307, status)
	require.Len(t, endpoint.Requests(), 1)

	transport, _ = behind(testnet.EndlessHeader(nil))
	_, _, err = deliver(t, transport, "https://hook.test/")
	require.Equal(t, egress.Protocol, egress.Classify(err), err)

	transport, endpoint = behind(testnet.CloseAfterRead(1))
	_, _, err = deliver(t, transport, "https://hook.test/")
	require.NoError(t, err)
	_, _, err = deliver(t, transport, "https://hook.test/")
	require.Equal(t, egress.Connect, egress.Classify(err), err)
	require.Len(t, endpoint.Requests(), 2)
	require.Equal(t, 1, endpoint.Accepts())

	// An answer may take longer than a dial.
	transport, _ = behind(func(c *testnet.Conn) { _ = c.Request() && c.Drip(testnet.OK, 30*time.Millisecond) })
	status, _, err = deliver(t, transport, "https://hook.test/")
	require.NoError(t, err)
	require.Equal(t, 200, status)

	req := newRequest(t, patience, "https://hook.test/")
	req.Header.Set("Idempotency-Key", "1")
	_, err = transport.RoundTrip(req)
	require.Equal(t, egress.Protocol, egress.Classify(err), err)
}

func TestCheckProxy(t *testing.T) {
	for raw, why := range map[string]string{
		"http://proxy.test":                     "",
		"http://proxy.test:3128/":               "",
		"https://scout:hunter2@proxy.test:3129": "",
		"http://egress_proxy:3128":              "",
		"http://[fd00::1]:3128":                 "",
		"socks5://scout:hunter2@proxy.test":     "scheme must be http or https",
		"scout:hunter2@proxy.test:3128":         "scheme must be http or https",
		"//scout:hunter2@proxy.test":            "scheme must be http or https",
		"http:proxy.test":                       "no host",
		"http://scout:hunter2@":                 "no host",
		"http://bücher.test":                    "xn--",
		"http://scout:hunter2@proxy.test/p":     "remove path, query and fragment",
		"http://scout:hunter2@proxy.test?q":     "remove path, query and fragment",
		"http://scout:hunter2@proxy.test?":      "remove path, query and fragment",
		"http://scout:hunter2@proxy.test#f":     "remove path, query and fragment",
		"http://scout:hunter2@proxy.test:":      "port is empty",
		"http://scout:hunter2@proxy.test:0":     "1 to 65535",
		"http://scout:hunter2@proxy.test:99999": "1 to 65535",
	} {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		err = egress.CheckProxy(u)
		if why == "" {
			require.NoError(t, err, raw)
			continue
		}
		require.ErrorIs(t, err, egress.ErrURL, raw)
		require.ErrorContains(t, err, why)
		require.NotContains(t, err.Error(), "hunter2")
		require.NotContains(t, err.Error(), "scout")
	}
}
