package sender_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// piped is net/http's own client over connections in memory, so that a real protocol runs on a bubble's clock. serve
// gets the far end of each connection after the request was read.
func piped(t *testing.T, serve func(net.Conn)) http.RoundTripper {
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			in := bufio.NewReader(far)
			if r, err := http.ReadRequest(in); err == nil {
				if _, err = io.Copy(io.Discard, r.Body); err == nil {
					serve(far)
				}
			}
		}()
		return near, nil
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		time.Sleep(time.Second) // a bubble's second: the far ends notice
	})
	return transport
}

// running is an org of a Sender that runs until the test ends.
func running(t *testing.T, cfg sender.Config) *sender.Org {
	t.Helper()
	s, err := sender.New(memstore.New(), cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return s.Org("acme")
}

// drip writes a byte each 100 ms until the peer hangs up.
func drip(c net.Conn, text string) {
	for i := 0; ; i = (i + 1) % len(text) {
		time.Sleep(100 * time.Millisecond)
		if _, err := io.WriteString(c, text[i:i+1]); err != nil {
			return
		}
	}
}

// However an endpoint spends its time, an attempt takes what the contract gives it, to the nanosecond.
func TestAttemptEndsOnTime(t *testing.T) {
	begin := func(head string, then func(net.Conn)) func(net.Conn) {
		return func(c net.Conn) {
			if _, err := io.WriteString(c, head); err == nil {
				then(c)
			}
		}
	}
	hold := func(c net.Conn) { io.Copy(io.Discard, c) }
	for name, c := range map[string]struct {
		serve  func(net.Conn)
		status int
	}{
		"silent":      {hold, 0},
		"status line": {func(c net.Conn) { drip(c, "HTTP/1.1 200 OK") }, 0},
		"header":      {begin("HTTP/1.1 200 OK\r\nX: ", func(c net.Conn) { drip(c, "a") }), 0},
		"1xx":         {func(c net.Conn) { drip(c, "HTTP/1.1 103 Early Hints\r\n\r\n") }, 0},
		"body":        {begin("HTTP/1.1 200 OK\r\n\r\n", func(c net.Conn) { drip(c, "a") }), 200},
		"chunks": {begin("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n",
			func(c net.Conn) { drip(c, "1\r\na\r\n") }), 500},
		"body, then hold": {begin("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", hold), 200},
		"surplus body": {begin("HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat("a", 20<<10), func(c net.Conn) { drip(c, "a") }),
			200},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := make(chan sender.Attempt, 1)
				contract := sender.Kirim()
				contract.Schedule = sender.Waits{time.Hour}
				org := running(t, sender.Config{
					Contracts: []sender.Contract{contract},
					Transport: piped(t, c.serve),
					Hooks: sender.Hooks{AttemptDone: func(_ context.Context, _ sender.Delivery,
						done sender.Attempt) {
						a <- done
					}},
				})
				_, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: "http://example.com/", Events: []string{"*"}})
				require.NoError(t, err)
				_, err = org.Publish(t.Context(), contactCreated(t))
				require.NoError(t, err)
				attempt := <-a
				require.Equal(t, 10*time.Second, attempt.Duration)
				require.Equal(t, c.status, attempt.StatusCode)
				if c.status == 0 {
					require.Equal(t, sender.ClassTimeout, attempt.ErrorClass)
				}
			})
		})
	}
}
