package egress_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

// Whatever bytes answer, they are an answer with a status or a failure with a class; no more of a body is kept than
// asked for, and what an operator is told is one short line without any of them.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		testnet.OK, "", "$", "HTTP/1.1 200 OK\r\n\r\n$", "HTTP/1.1 $\r\n\r\n", "HTTP/1.1 200 $\r\n\r\n",
		"HTTP/1.0 200 OK\r\n\r\n", "HTTP/$ 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n$\r\n\r\n",
		"HTTP/1.1 200 OK\r\n$: $\r\nContent-Length: $\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n$",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: $\r\n\r\n", "HTTP/1.1 103 x\r\n\r\n$",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n$\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;$\r\na\r\n0\r\n$: $\r\n\r\n",
		"HTTP/1.1 101 $\r\nUpgrade: $\r\n\r\n$",
		"HTTP/1.1 302 x\r\nLocation: http://$/\r\n\r\n",
		"HTTP/1.1 000 x\r\n\r\n", "HTTP/1.1 999 x\r\n\r\n", "HTTP/1.1 200 OK\nX: a\n b\n\n$", "\x00\xff$\r\n\r\n",
		"HTTP/1.1 200 OK\r\n" + strings.Repeat("$", 70_000),
	} {
		f.Add(text)
	}
	const canary = "CANARY"
	var answer atomic.Pointer[string]
	server := testnet.Serve(f, "127.0.1.1:0", func(c *testnet.Conn) {
		if c.Request() {
			c.Say(*answer.Load())
		}
	})
	transport := newTransport(f, toy, egress.Options{IdlePerHost: -1})
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(text, "$", canary)
		answer.Store(&text)
		resp, err := transport.RoundTrip(newRequest(t, patience, server.URL("http")))
		if err == nil {
			require.True(t, resp.StatusCode >= 200 && resp.StatusCode <= 999, resp.StatusCode)
			var body []byte
			body, _, err = egress.ReadBody(resp, 100)
			require.LessOrEqual(t, len(body), 100)
			require.Contains(t, text, string(body[:min(len(body), 1)]))
		}
		require.Equal(t, err == nil, egress.Classify(err) == "")
		require.NotEqual(t, egress.Timeout, egress.Classify(err), "the far end has hung up")
		told := egress.Describe(err)
		require.LessOrEqual(t, len(told), 256)
		require.NotContains(t, told, canary)
		require.NotContains(t, told, "\n")
	})
}
