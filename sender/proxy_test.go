package sender_test

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/testnet"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

const canaryProxy = "CANARY-OF-THE-PROXY"

// proxied is a Sender behind the proxy at address, with what it logs.
func proxied(t *testing.T, address string) (*sender.Sender, *lockedBuffer) {
	t.Helper()
	logs := new(lockedBuffer)
	s, err := sender.New(memstore.New(), sender.Config{
		EgressProxy: &url.URL{Scheme: "http", User: url.UserPassword("scout", canaryProxy), Host: address},
		Logger:      slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	require.NoError(t, err)
	return s, logs
}

func requireProxyHidden(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		requireHidden(t, text)
		require.NotContains(t, text, canaryProxy)
		require.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte("scout:"+canaryProxy)))
	}
}

// testOnce subscribes hook.test and tests it.
func testOnce(t *testing.T, s *sender.Sender) (sender.TestResult, error) {
	t.Helper()
	org := s.Org("acme")
	sub, _, err := org.Subscribe(t.Context(), guarded("https://hook.test/hook"), signature.NewSecret(canarySecret))
	require.NoError(t, err)
	return org.Test(t.Context(), sub.ID, sender.TestRequest{})
}

// The roots of a process are read once, so that this takes a process of its own, which gets them from a file that was
// made for it. What SSL_CERT_FILE says in the environment is not touched: that may be the machine's.
func TestEgressProxyDelivers(t *testing.T) {
	const marker, passed = "KIRIMHOOKS_TEST_PROXY_CHILD", "--- PASS: TestEgressProxyDelivers"
	dir := os.Getenv(marker)
	if dir == "" {
		dir = t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestEgressProxyDelivers$", "-test.v")
		cmd.Env = append(os.Environ(), marker+"="+dir, "SSL_CERT_FILE="+filepath.Join(dir, "roots.pem"), "SSL_CERT_DIR="+dir)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), passed)
		return
	}
	authority := testnet.NewAuthority(t)
	roots, err := os.OpenFile(filepath.Join(dir, "roots.pem"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	require.NoError(t, err)
	_, err = roots.Write(authority.PEM())
	require.NoError(t, err)
	require.NoError(t, roots.Close())
	endpoint := testnet.ServeTLS(t, "127.0.2.1:0", authority.Server("hook.test"), testnet.KeepAlive(testnet.OK))
	proxy := testnet.Serve(t, "127.0.3.1:0", testnet.Tunnel(t, endpoint.Addr()))
	s, logs := proxied(t, proxy.Addr().String())
	a, err := testOnce(t, s)
	require.NoError(t, err)
	require.Equal(t, 200, a.StatusCode)
	require.Equal(t, "hook.test:443", proxy.Requests()[0].Host)
	require.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte("scout:"+canaryProxy)),
		proxy.Requests()[0].Header.Get("Proxy-Authorization"))
	got := endpoint.Requests()
	require.Len(t, got, 1)
	require.NotEmpty(t, got[0].Header.Get("X-Kirim-Signature"))
	require.Empty(t, got[0].Header.Get("Proxy-Authorization"))
	requireProxyHidden(t, logs.String())
}

// What a proxy says of an address, and what is wrong with the endpoint behind it, is an attempt like any other.
func TestEgressProxyAttempts(t *testing.T) {
	stranger := testnet.NewAuthority(t)
	endpoint := testnet.ServeTLS(t, "127.0.2.1:0", stranger.Server("hook.test"), testnet.KeepAlive(testnet.OK))
	for class, handle := range map[string]func(*testnet.Conn){
		sender.ClassBlocked: func(c *testnet.Conn) { _ = c.Request() && c.Say("HTTP/1.1 403 Forbidden\r\n\r\n") },
		sender.ClassConnect: func(c *testnet.Conn) { _ = c.Request() && c.Say("HTTP/1.1 502 Bad Gateway\r\n\r\n") },
		sender.ClassTLS:     testnet.Tunnel(t, endpoint.Addr()),
	} {
		proxy := testnet.Serve(t, "127.0.3.1:0", handle)
		s, logs := proxied(t, proxy.Addr().String())
		a, err := testOnce(t, s)
		require.NoError(t, err)
		require.Equal(t, class, a.ErrorClass)
		require.Equal(t, 1, a.N)
		require.Equal(t, 1, proxy.Accepts())
		requireProxyHidden(t, logs.String(), fmt.Sprintf("%+v", a))
	}
	require.Empty(t, endpoint.Requests())
}

// A proxy that is down or does not let us in says nothing about the endpoint.
func TestEgressProxyConsumesNoAttempt(t *testing.T) {
	says := func(answer string) string {
		return testnet.Serve(t, "127.0.3.1:0", func(c *testnet.Conn) { _ = c.Request() && c.Say(answer) }).Addr().String()
	}
	for name, address := range map[string]string{
		"407":      says("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
		"500":      says("HTTP/1.1 500 Oops\r\n\r\n"),
		"hangs up": says(""),
		"refused":  "127.0.3.1:9",
	} {
		t.Run(name, func(t *testing.T) {
			s, logs := proxied(t, address)
			r := &rig{Sender: s, org: s.Org("acme"), logs: logs}
			_, err := testOnce(t, s)
			require.ErrorContains(t, err, "no request was made")
			r.run(t)
			r.publish(t, contactCreated(t))
			pending := sender.DeliveryQuery{States: []sender.State{sender.StatePending}}
			var d sender.Delivery
			require.Eventually(t, func() bool {
				list := r.deliveries(t, pending)
				if len(list) == 1 {
					d = list[0]
				}
				return d.Reason == "internal error"
			}, 20*time.Second, 10*time.Millisecond)
			r.stop()
			require.Zero(t, d.Attempt)
			require.Empty(t, r.attempts(t, d.ID))
			require.Contains(t, logs.String(), "egress: proxy: ")
			requireProxyHidden(t, logs.String(), err.Error(), fmt.Sprintf("%v %+v %#v", s, s, s))
		})
	}
}

// With a proxy the rules on URLs are what they are without.
func TestEgressProxyRefusesURLs(t *testing.T) {
	s, _ := proxied(t, "127.0.3.1:9")
	for _, to := range []string{
		"https://10.0.0.1/", "https://[::1]/", "https://2130706433/", "https://hook.test:8443/", "http://hook.test/",
		"https://u:p@hook.test/",
	} {
		require.ErrorIs(t, subscribe(t, s.Org("acme"), sender.Subscription{URL: to, Events: []string{"*"}}),
			sender.ErrForbiddenURL, to)
	}
}
