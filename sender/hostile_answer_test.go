package sender_test

import (
	"crypto/tls"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/testnet"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

const (
	shortTimeout = time.Second
	busyMachine  = 5 * time.Second // far less than what a hole would cost
)

// overLoopback configures a Sender that may reach the toy Internet and nothing else.
func overLoopback(contracts ...sender.Contract) sender.Config {
	return sender.Config{
		Contracts:    contracts,
		AllowPrivate: []netip.Prefix{testnet.Public},
		Logger:       slog.New(slog.DiscardHandler),
	}
}

// impatient is overLoopback with one second for an attempt.
func impatient() sender.Config {
	contract := sender.Kirim()
	contract.Timeout = shortTimeout
	return overLoopback(contract)
}

// after reads the request before it behaves.
func after(then func(*testnet.Conn)) func(*testnet.Conn) {
	return func(c *testnet.Conn) {
		if c.Request() {
			then(c)
		}
	}
}

func says(text string) func(*testnet.Conn) {
	return after(func(c *testnet.Conn) { c.Say(text) })
}

func drips(head, text string) func(*testnet.Conn) {
	return after(func(c *testnet.Conn) { _ = c.Say(head) && c.Drip(strings.Repeat(text, 1<<10), 10*time.Millisecond) })
}

// hostileAnswers are all that an endpoint can do to who calls it over plain HTTP. Either a status got through, and
// then it counts whatever follows, or the attempt has a class.
var hostileAnswers = map[string]struct {
	handle func(*testnet.Conn)
	status int
	class  string
}{
	"silent":             {handle: (*testnet.Conn).Hang, class: sender.ClassTimeout},
	"reads, then silent": {handle: after((*testnet.Conn).Hang), class: sender.ClassTimeout},
	"slow header":        {handle: testnet.SlowHeader(10 * time.Millisecond), class: sender.ClassTimeout},
	"slow status line":   {handle: drips("", "HTTP/1.1 200 OK"), class: sender.ClassTimeout},
	"dripping 1xx":       {handle: drips("", "HTTP/1.1 103 Early Hints\r\n\r\n"), class: sender.ClassTimeout},
	"endless header":     {handle: testnet.EndlessHeader(nil), class: sender.ClassProtocol},
	"1xx flood":          {handle: testnet.EndlessInformational(nil), class: sender.ClassProtocol},
	"one header line of 1 MB": {handle: says("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 1<<20)),
		class: sender.ClassProtocol},
	"101":        {handle: after(func(c *testnet.Conn) { c.Say("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"); c.Hang() }), class: sender.ClassProtocol},
	"no HTTP":    {handle: says("220 smtp.example ESMTP\r\n"), class: sender.ClassProtocol},
	"status 000": {handle: says("HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"), class: sender.ClassProtocol},
	"HTTP/2":     {handle: says("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), class: sender.ClassProtocol},
	"two lengths": {handle: says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok"),
		class: sender.ClassProtocol},
	"reset":  {handle: after((*testnet.Conn).Reset), class: sender.ClassConnect},
	"closed": {handle: after(func(*testnet.Conn) {}), class: sender.ClassConnect},
	"half closed": {handle: after(func(c *testnet.Conn) { c.HalfClose(); c.Hang() }),
		class: sender.ClassConnect},
	"half a header": {handle: says("HTTP/1.1 200 OK\r\nX-Half: "), class: sender.ClassConnect},

	"slow body":       {handle: testnet.SlowBody(10 * time.Millisecond), status: 200},
	"body that hangs": {handle: after(func(c *testnet.Conn) { c.Say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"); c.Hang() }), status: 200},
	"endless body":    {handle: testnet.EndlessBody(nil), status: 200},
	"endless failure": {handle: testnet.Endless("HTTP/1.1 503 x\r\nConnection: close\r\n\r\n", strings.Repeat("a", 4096),
		nil), status: 503},
	"gzip bomb":   {handle: testnet.GzipBomb(1 << 20), status: 200},
	"cut body":    {handle: says("HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nhalf"), status: 202},
	"surplus":     {handle: says("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 x\r\n\r\n"), status: 204},
	"body, reset": {handle: after(func(c *testnet.Conn) { c.Say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"); c.Reset() }), status: 200},
	"bad chunk":   {handle: says("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), status: 201},
	"chunk extension": {handle: says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
		strings.Repeat("x", 1<<20) + "\r\na\r\n0\r\n\r\n"), status: 200},
	"hints, then 200": {handle: says(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 100) + testnet.OK),
		status: 200},
	"status 999": {handle: says("HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n"), status: 999},
}

func TestHostileAnswers(t *testing.T) {
	for name, c := range hostileAnswers {
		t.Run(name, func(t *testing.T) {
			server := testnet.Serve(t, "127.0.1.1:0", c.handle)
			a := deliverOverTheNetwork(t, impatient(), server.URL("http"))
			require.Equal(t, c.status, a.StatusCode)
			require.Equal(t, c.class, a.ErrorClass)
			require.Less(t, a.Duration, busyMachine)
			require.LessOrEqual(t, len(a.Response), 3<<10)
			require.LessOrEqual(t, len(server.Requests()), 1, "one attempt, one request")
			require.Equal(t, 1, server.Accepts())
		})
	}
}

func TestHostileTLS(t *testing.T) {
	authority := testnet.NewAuthority(t)
	const host = "127.0.1.1"
	for name, c := range map[string]struct {
		config *tls.Config
		class  string
	}{
		"nobody vouches": {authority.Server(host), sender.ClassTLS},
		"wrong host":     {authority.Server("example.test"), sender.ClassTLS},
		"expired": {&tls.Config{Certificates: []tls.Certificate{authority.IssueUntil(host,
			time.Now().Add(-time.Hour))}}, sender.ClassTLS},
		"TLS 1.1": {&tls.Config{
			Certificates: []tls.Certificate{authority.Issue(host)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
		}, sender.ClassTLS},
		"handshake that hangs": {nil, sender.ClassTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			var server *testnet.Server
			if c.config == nil {
				server = testnet.Serve(t, host+":0", (*testnet.Conn).Hang)
			} else {
				server = testnet.ServeTLS(t, host+":0", c.config, testnet.KeepAlive(testnet.OK))
			}
			cfg := impatient()
			if c.class == sender.ClassTLS { // it fails by itself, in its own time
				cfg.Contracts = nil
			}
			a := deliverOverTheNetwork(t, cfg, server.URL("https"))
			require.Equal(t, c.class, a.ErrorClass)
			require.Less(t, a.Duration, busyMachine)
			require.Empty(t, server.Requests())
		})
	}
}

// testers have one subscription each, of one Sender; their attempts are made in the goroutine that calls them.
func testers(t testing.TB, n int, cfg sender.Config, url string) []func() sender.TestResult {
	t.Helper()
	s, err := sender.New(memstore.New(), cfg)
	require.NoError(t, err)
	org := s.Org("acme")
	list := make([]func() sender.TestResult, n)
	for i := range list {
		sub, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: url, Events: []string{"contact.created"}})
		require.NoError(t, err)
		list[i] = func() sender.TestResult {
			a, err := org.Test(t.Context(), sub.ID, sender.TestRequest{})
			assert.NoError(t, err)
			return a
		}
	}
	return list
}

// A request on a kept connection that the far end has read, and then closes, may have been handled: it is not sent
// again.
func TestKeptConnectionThatClosesAfterReading(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", testnet.CloseAfterRead(2))
	attempt := testers(t, 1, impatient(), server.URL("http"))[0]
	for range 2 {
		require.Equal(t, 200, attempt().StatusCode)
	}
	require.Equal(t, sender.ClassConnect, attempt().ErrorClass)
	require.Len(t, server.Requests(), 3)
	require.Equal(t, 1, server.Accepts(), "the connection was kept")
}
