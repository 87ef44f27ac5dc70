package egress_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		err  error
		want egress.Class
	}{
		{nil, ""},
		{egress.ErrBlocked, egress.Blocked},
		{&net.OpError{Op: "dial", Err: fmt.Errorf("x: %w", egress.ErrBlocked)}, egress.Blocked},
		{&net.DNSError{Err: "no such host", Name: "a.test", IsNotFound: true}, egress.DNS},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}, egress.DNS},
		{context.DeadlineExceeded, egress.Timeout},
		{&url.Error{Op: "Post", URL: "https://a.test", Err: context.DeadlineExceeded}, egress.Timeout},
		{&net.OpError{Op: "dial", Err: syscall.ETIMEDOUT}, egress.Timeout},
		{context.Canceled, egress.Canceled},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, egress.Connect},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, egress.Connect},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, egress.TLS},
		{fmt.Errorf("net/http: %w", io.EOF), egress.Connect},
		{io.ErrUnexpectedEOF, egress.Connect},
		{net.ErrClosed, egress.Connect},
		{errors.New("http: server closed idle connection"), egress.Connect},
		{errors.New("malformed HTTP response"), egress.Protocol},
	} {
		require.Equal(t, c.want, egress.Classify(c.err), c.err)
	}
}

func TestClassifyRealFailures(t *testing.T) {
	resolver := testnet.Resolver(t, func(string) []netip.Addr { return nil })
	transport := newTransport(t, toy, egress.Options{Resolver: resolver})
	_, _, err := deliver(t, transport, "https://none.test./")
	require.Equal(t, egress.DNS, egress.Classify(err), err)

	_, _, err = deliver(t, transport, "http://127.0.1.1:1/")
	require.Equal(t, egress.Connect, egress.Classify(err), err)

	server := testnet.Serve(t, "127.0.1.1:0", (*testnet.Conn).Hang)
	ctx, cancel := context.WithCancel(t.Context())
	req := newRequest(t, patience, server.URL("http")).WithContext(ctx)
	cancel()
	_, err = transport.RoundTrip(req)
	require.Equal(t, egress.Canceled, egress.Classify(err), err)

	_, _, err = deliver(t, transport, "gopher://127.0.1.1/")
	require.Equal(t, egress.Protocol, egress.Classify(err), err)
	require.Equal(t, "the url is neither http nor https", egress.Describe(err))

	req = newRequest(t, patience, server.URL("http"))
	req.Header.Set("X-Custom", "a\nb")
	_, err = transport.RoundTrip(req)
	require.Equal(t, egress.Protocol, egress.Classify(err), err)
	require.Equal(t, "the request has a header with an invalid name or value", egress.Describe(err))
}

func TestDescribe(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{
			&url.Error{Op: "Post", URL: "https://u:canary@a.test/?t=canary",
				Err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}},
			"dial tcp: connection refused",
		},
		{fmt.Errorf("x: %w", &url.Error{URL: "https://canary", Err: io.EOF}), "EOF"},
		{&net.DNSError{Err: "no such\r\n\x1b[31mhost", Name: "ä.test"}, "lookup ?.test: no such???[31mhost"},
		{&net.DNSError{Err: strings.Repeat("é", 500), Name: "a"}, "lookup a: " + strings.Repeat("?", 246)},
		{errors.New(`malformed HTTP response "canary"`), "the answer is not valid HTTP/1.1"},
		{errors.New("net/http: server response headers exceeded 65536 bytes; aborted"), "response headers exceed the limit"},
	} {
		require.Equal(t, c.want, egress.Describe(c.err))
	}
}

// An endpoint that sends back what it got must not get it into our log.
func TestDescribeKeepsEchoesOut(t *testing.T) {
	for _, prefix := range []string{"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 ", "HTTP/1.1 200 OK\r\nContent-Length: ",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"} {
		server := testnet.Serve(t, "127.0.1.1:0", func(c *testnet.Conn) {
			head := make([]byte, 4096)
			n, _ := c.Read(head)
			c.Say(prefix + string(head[:n]))
		})
		req := newRequest(t, patience, server.URL("http")+"?token=canary")
		req.Header = http.Header{"X-Webhook-Secret": {"canary"}, "X-Other": {"canary"}}
		resp, err := newTransport(t, toy, egress.Options{}).RoundTrip(req)
		if err == nil {
			_, _, err = egress.ReadBody(resp, 1<<10)
		}
		require.NotContains(t, egress.Describe(err), "canary", prefix)
	}
}
