package egress_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

const (
	attempt = 150 * time.Millisecond
	grace   = time.Second // for a busy machine; what goes wrong here takes far longer
)

// elapse fails the test unless f ends soon after the attempt's time is over.
func elapse(t *testing.T, f func()) {
	t.Helper()
	start := time.Now()
	f()
	require.Less(t, time.Since(start), attempt+grace)
}

func TestTheContextBoundsEveryStep(t *testing.T) {
	const pause = 10 * time.Millisecond
	for name, c := range map[string]struct {
		scheme string
		handle func(*testnet.Conn)
	}{
		"silent":        {"http", (*testnet.Conn).Hang},
		"slow header":   {"http", testnet.SlowHeader(pause)},
		"slow body":     {"http", testnet.SlowBody(pause)},
		"TLS handshake": {"https", (*testnet.Conn).Hang},
		"slow early 1xx": {"http", func(c *testnet.Conn) {
			c.Drip(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 99),
				pause)
		}},
		"slow drain": {"http", func(c *testnet.Conn) {
			_ = c.Request() && c.Say("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"+strings.Repeat("a", 20<<10)) &&
				c.Drip("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", pause)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			server := testnet.Serve(t, "127.0.1.1:0", c.handle)
			transport := newTransport(t, toy, egress.Options{})
			elapse(t, func() {
				resp, err := transport.RoundTrip(newRequest(t, attempt, server.URL(c.scheme)))
				if err == nil {
					require.Equal(t, http.StatusOK, resp.StatusCode)
					_, _, err = egress.ReadBody(resp, 16<<10)
				}
				require.Equal(t, egress.Timeout, egress.Classify(err), err)
			})
		})
	}
}

// A dial outlives the request that asked for it, but not its own time: a far end that lets handshakes hang would
// otherwise gather a connection of ours for each attempt.
func TestHandshakesThatHangAreGivenUp(t *testing.T) {
	released := make(chan struct{})
	server := testnet.Serve(t, "127.0.1.1:0", func(c *testnet.Conn) {
		c.Hang()
		close(released)
	})
	transport := newTransport(t, toy, egress.Options{DialTimeout: 2 * attempt})
	_, err := transport.RoundTrip(newRequest(t, attempt, server.URL("https")))
	require.Equal(t, egress.Timeout, egress.Classify(err), err)
	select {
	case <-released:
	case <-time.After(patience):
		require.Fail(t, "the connection is still held")
	}
}

func TestSwitchingProtocolsIsNoAnswer(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", func(c *testnet.Conn) {
		c.Request()
		c.Say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
		c.Hang()
	})
	elapse(t, func() {
		_, err := newTransport(t, toy, egress.Options{}).RoundTrip(newRequest(t, attempt, server.URL("http")))
		require.Equal(t, egress.Protocol, egress.Classify(err), err)
		require.Contains(t, egress.Describe(err), "101")
	})
}

func TestEndlessAnswersAreCutShort(t *testing.T) {
	for name, handle := range map[string]func(chan<- int64) func(*testnet.Conn){
		"headers":       testnet.EndlessHeader,
		"informational": testnet.EndlessInformational,
	} {
		t.Run(name, func(t *testing.T) {
			taken := make(chan int64, 1)
			server := testnet.Serve(t, "127.0.1.1:0", handle(taken))
			_, _, err := deliver(t, newTransport(t, toy, egress.Options{}), server.URL("http"))
			require.Equal(t, egress.Protocol, egress.Classify(err), err)
			require.Contains(t, egress.Describe(err), "headers exceed")
			require.Less(t, <-taken, int64(9<<20)) // mostly the kernel's buffers
		})
	}
}

func TestReadBodyTruncates(t *testing.T) {
	taken := make(chan int64, 1)
	server := testnet.Serve(t, "127.0.1.1:0", testnet.EndlessBody(taken))
	resp, err := newTransport(t, toy, egress.Options{}).RoundTrip(newRequest(t, patience, server.URL("http")))
	require.NoError(t, err)
	body, truncated, err := egress.ReadBody(resp, 1000)
	require.NoError(t, err)
	require.True(t, truncated)
	require.Equal(t, strings.Repeat("a", 1000), string(body))
	select {
	case <-taken:
	case <-time.After(patience / 2):
		require.Fail(t, "the connection is still open")
	}
}

func TestReadBodyAtTheLimit(t *testing.T) {
	for limit, truncated := range map[int]bool{0: true, 1: true, 2: false, 3: false} {
		server := testnet.Serve(t, "127.0.1.1:0", testnet.KeepAlive(testnet.OK))
		resp, err := newTransport(t, toy, egress.Options{}).RoundTrip(newRequest(t, patience, server.URL("http")))
		require.NoError(t, err)
		body, cut, err := egress.ReadBody(resp, limit)
		require.NoError(t, err)
		require.Equal(t, truncated, cut, limit)
		require.Equal(t, "ok"[:min(limit, 2)], string(body))
	}
}

func TestReadBodyKeepsWhatCameBeforeTheCut(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", func(c *testnet.Conn) {
		c.Request()
		c.Say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
	})
	resp, err := newTransport(t, toy, egress.Options{}).RoundTrip(newRequest(t, patience, server.URL("http")))
	require.NoError(t, err)
	body, truncated, err := egress.ReadBody(resp, 100)
	require.Equal(t, egress.Connect, egress.Classify(err), err)
	require.Equal(t, "half", string(body))
	require.False(t, truncated)
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

func TestCompressedBodiesStayCompressed(t *testing.T) {
	server := testnet.Serve(t, "127.0.1.1:0", testnet.GzipBomb(4<<20))
	resp, err := newTransport(t, toy, egress.Options{}).RoundTrip(newRequest(t, patience, server.URL("http")))
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	body, truncated, err := egress.ReadBody(resp, 16<<10)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.False(t, truncated)
	require.Equal(t, "\x1f\x8b", string(body[:2]))
	require.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<10))
}

func TestBrokenAnswers(t *testing.T) {
	read := func(then func(*testnet.Conn)) func(*testnet.Conn) {
		return func(c *testnet.Conn) {
			if c.Request() {
				then(c)
			}
		}
	}
	say := func(text string) func(*testnet.Conn) { return read(func(c *testnet.Conn) { c.Say(text) }) }
	for name, c := range map[string]struct {
		handle func(*testnet.Conn)
		class  egress.Class
	}{
		"reset":          {read((*testnet.Conn).Reset), egress.Connect},
		"closed":         {read(func(*testnet.Conn) {}), egress.Connect},
		"half closed":    {read(func(c *testnet.Conn) { c.HalfClose(); c.Hang() }), egress.Connect},
		"half a header":  {say("HTTP/1.1 200 OK\r\nX-Half: "), egress.Connect},
		"not HTTP":       {say("220 mail.example ESMTP\r\n"), egress.Protocol},
		"HTTP/2 preface": {say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), egress.Protocol},
		"status 99":      {say("HTTP/1.1 -99 Bad\r\n\r\n"), egress.Protocol},
		"status 000":     {say("HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"), egress.Protocol},
		"bad header":     {say("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), egress.Protocol},
		"two lengths":    {say("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok"), egress.Protocol},
		"bad chunk":      {say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), egress.Protocol},
		"chunk extension": {
			say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 64<<10) + "\r\na\r\n0\r\n\r\n"),
			egress.Protocol,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := testnet.Serve(t, "127.0.1.1:0", c.handle)
			_, _, err := deliver(t, newTransport(t, toy, egress.Options{}), server.URL("http"))
			require.Equal(t, c.class, egress.Classify(err), err)
			require.Len(t, server.Requests(), 1)
		})
	}
}
