package egress_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

// TestMain sets proxies for the whole run: net/http reads them once, and no test may notice.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		os.Setenv(name, "http://127.0.3.1:9")
	}
	os.Exit(m.Run())
}

// toy allows the part of loopback that plays the public Internet.
var toy = egress.Policy{Allow: []netip.Prefix{testnet.Public}}

func newTransport(t testing.TB, p egress.Policy, o egress.Options) *egress.Transport {
	t.Helper()
	o.Control = testnet.Tripwire(t)
	transport := egress.NewTransport(p, o)
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

func newRequest(t testing.TB, limit time.Duration, url string) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(`{"id":"evt_1"}`))
	require.NoError(t, err)
	return req
}

const patience = 5 * time.Second

// deliver posts and reads the answer.
func deliver(t testing.TB, transport http.RoundTripper, url string) (status int, body string, err error) {
	t.Helper()
	resp, err := transport.RoundTrip(newRequest(t, patience, url))
	if err != nil {
		return 0, "", err
	}
	text, _, err := egress.ReadBody(resp, 16<<10)
	return resp.StatusCode, string(text), err
}

// sameURL is url with another host, the port kept.
func sameURL(scheme, host string, s *testnet.Server) string {
	return fmt.Sprintf("%s://%s:%d/hook", scheme, host, s.Addr().Port())
}

func TestOnlyTheAllowedIsReached(t *testing.T) {
	authority := testnet.NewAuthority(t)
	public := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(testnet.OK))
	private := testnet.ServeTLS(t, "127.0.2.1:0", authority.Server("127.0.2.1"), testnet.KeepAlive(testnet.OK))
	loopback6 := testnet.Serve(t, "[::1]:0", testnet.KeepAlive(testnet.OK))

	transport := newTransport(t, toy, egress.Options{RootCAs: authority.Pool()})
	status, body, err := deliver(t, transport, public.URL("http"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "ok", body)

	for _, url := range []string{
		private.URL("https"),
		private.URL("http"),
		sameURL("https", "[::ffff:127.0.2.1]", private),
		sameURL("https", "[::ffff:127.0.2.1%25lo]", private),
		sameURL("https", "①②⑦.⓪.②.①", private),
		sameURL("https", "127。0。2。1", private),
		sameURL("http", "①②⑦.⓪.②.①", private),
		loopback6.URL("http"),
		sameURL("http", "[::1%25lo]", loopback6),
	} {
		_, _, err := deliver(t, transport, url)
		require.ErrorIs(t, err, egress.ErrBlocked, url)
		require.Equal(t, egress.Blocked, egress.Classify(err), url)
	}
	require.Zero(t, private.Accepts())
	require.Zero(t, loopback6.Accepts())
}

func TestPlainHTTPNeedsAllow(t *testing.T) {
	transport := newTransport(t, toy, egress.Options{})
	for _, url := range []string{"http://1.1.1.1/", "http://1.1.1.1:443/", "http://[2606:4700::1111]:443/"} {
		_, _, err := deliver(t, transport, url)
		require.ErrorIs(t, err, egress.ErrBlocked, url)
		require.ErrorContains(t, err, "1", url)
	}
}

func TestAllowIsCopied(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(testnet.OK))
	allow := []netip.Prefix{netip.MustParsePrefix("127.0.2.0/24")}
	transport := newTransport(t, egress.Policy{Allow: allow}, egress.Options{})
	allow[0] = testnet.Public
	_, _, err := deliver(t, transport, server.URL("http"))
	require.ErrorIs(t, err, egress.ErrBlocked)
	require.Zero(t, server.Accepts())
}

func TestEnvironmentProxiesAreIgnored(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(testnet.OK))
	resolver := testnet.Resolver(t, func(string) []netip.Addr { return []netip.Addr{server.Addr().Addr()} })
	transport := newTransport(t, toy, egress.Options{Resolver: resolver})
	_, _, err := deliver(t, transport, sameURL("http", "hook.test.", server)) // a name: net/http exempts loopback literals
	require.NoError(t, err)
	require.Equal(t, "/hook", server.Requests()[0].RequestURI)
}

func TestRedirectsAreAnswers(t *testing.T) {
	other := testnet.Serve(t, "127.0.1.2:0", testnet.KeepAlive(testnet.OK))
	for _, code := range []int{300, 301, 302, 303, 305, 307, 308} {
		answer := fmt.Sprintf("HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", code, other.URL("http"))
		server := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(answer))
		status, _, err := deliver(t, newTransport(t, toy, egress.Options{}), server.URL("http"))
		require.NoError(t, err)
		require.Equal(t, code, status)
	}
	require.Zero(t, other.Accepts())
}

func TestOneRequestPerRoundTrip(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", testnet.CloseAfterRead(1))
	transport := newTransport(t, toy, egress.Options{})
	_, _, err := deliver(t, transport, server.URL("http"))
	require.NoError(t, err)

	req := newRequest(t, patience, server.URL("http"))
	require.NotNil(t, req.GetBody, "net/http could repeat this one")
	_, err = transport.RoundTrip(req)
	require.Equal(t, egress.Connect, egress.Classify(err), err)
	require.Len(t, server.Requests(), 2)
	require.Equal(t, 1, server.Accepts())
}

func TestRequestsThatMightRepeatAreRefused(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", testnet.CloseAfterRead(1))
	transport := newTransport(t, toy, egress.Options{})
	for name, change := range map[string]func(*http.Request){
		"Idempotency-Key":       func(r *http.Request) { r.Header.Set("idempotency-key", "1") },
		"X-Idempotency-Key":     func(r *http.Request) { r.Header.Set("x-idempotency-key", "1") },
		"Idempotency-Key, none": func(r *http.Request) { r.Header["Idempotency-Key"] = nil },
		"GET":                   func(r *http.Request) { r.Method = http.MethodGet },
		"no method":             func(r *http.Request) { r.Method = "" },
		"PUT":                   func(r *http.Request) { r.Method = http.MethodPut },
	} {
		req := newRequest(t, patience, server.URL("http"))
		change(req)
		_, err := transport.RoundTrip(req)
		require.ErrorContains(t, err, "egress: ", name)
		require.Equal(t, egress.Protocol, egress.Classify(err), name)
	}
	require.Zero(t, server.Accepts())
}

func TestConnectionsAreReused(t *testing.T) {
	authority := testnet.NewAuthority(t)
	large := strings.Repeat("a", 40<<10) // beyond what deliver keeps
	for name, answer := range map[string]string{
		"small":   testnet.OK,
		"empty":   "HTTP/1.1 204 No Content\r\n\r\n",
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		"large":   fmt.Sprintf("HTTP/1.1 500 Oops\r\nContent-Length: %d\r\n\r\n%s", len(large), large),
	} {
		t.Run(name, func(t *testing.T) {
			plain := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(answer))
			secure := testnet.ServeTLS(t, "127.0.1.1:0", authority.Server("127.0.1.1"), testnet.KeepAlive(answer))
			transport := newTransport(t, toy, egress.Options{RootCAs: authority.Pool()})
			for range 10 {
				for _, url := range []string{plain.URL("http"), secure.URL("https")} {
					_, _, err := deliver(t, transport, url)
					require.NoError(t, err)
				}
			}
			// A busy machine may cost one more: net/http lets a connection go whose write it has not seen end within 50 ms.
			require.LessOrEqual(t, plain.Accepts(), 2)
			require.LessOrEqual(t, secure.Accepts(), 2)
		})
	}
}

func TestIdlePerHost(t *testing.T) {
	const together = 8
	for limit, want := range map[int]int{-1: 2 * together, 0: together, together: together, 3: 2*together - 3} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			arrived, answer := make(chan struct{}), make(chan struct{})
			server := testnet.Serve(t, "127.0.1.1:0", func(c *testnet.Conn) {
				for c.Request() {
					arrived <- struct{}{}
					<-answer
					c.Say(testnet.OK)
				}
			})
			transport := newTransport(t, toy, egress.Options{IdlePerHost: limit})
			for range 2 {
				var wg sync.WaitGroup
				for range together {
					wg.Go(func() { deliver(t, transport, server.URL("http")) })
				}
				for range together {
					<-arrived
				}
				for range together {
					answer <- struct{}{}
				}
				wg.Wait()
			}
			require.Equal(t, want, server.Accepts())
		})
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	authority := testnet.NewAuthority(b)
	plain := testnet.Serve(b, "127.0.1.1:0", testnet.KeepAlive(testnet.OK))
	secure := testnet.ServeTLS(b, "127.0.1.1:0", authority.Server("127.0.1.1"), testnet.KeepAlive(testnet.OK))
	transport := newTransport(b, toy, egress.Options{RootCAs: authority.Pool()})
	for _, url := range []string{plain.URL("http"), secure.URL("https")} {
		b.Run(strings.SplitN(url, ":", 2)[0], func(b *testing.B) {
			body := strings.Repeat("a", 1024)
			b.ReportAllocs()
			for b.Loop() {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(body))
				require.NoError(b, err)
				resp, err := transport.RoundTrip(req)
				require.NoError(b, err)
				_, _, err = egress.ReadBody(resp, 16<<10)
				require.NoError(b, err)
			}
		})
	}
}
