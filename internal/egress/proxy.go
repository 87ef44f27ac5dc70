package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// proxyError marks what the proxy is to blame for: nothing has gone to the endpoint.
type proxyError struct{ err error }

func (e *proxyError) Error() string { return fmt.Sprintf("egress: proxy: %v", e.err) }

// beyondError is the proxy's word that it cannot reach the endpoint.
type beyondError struct{ status int }

func (e *beyondError) Error() string {
	return fmt.Sprintf("egress: the proxy cannot reach the endpoint: CONNECT was answered with %d", e.status)
}

// Timeout makes it a failure of class timeout where the proxy's patience has ended.
func (e *beyondError) Timeout() bool { return e.status == http.StatusGatewayTimeout }

var (
	errProxyLate  = errors.New("not reached in time")
	errProxyAlien = errors.New("its answer to CONNECT is not HTTP")
)

// CheckProxy returns nil if u can be [Options].Proxy: http or https, a host, perhaps a port and userinfo, and nothing
// else. Errors wrap [ErrURL], say why and show no part of u.
func CheckProxy(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return badURL("a proxy's scheme must be http or https")
	case u.Hostname() == "":
		return badURL("it has no host; write it as http://host:port")
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r <= ' ' || r > '~' }):
		return badURL("the host is not printable ASCII; write an international one as xn--")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return badURL("a proxy is a host and a port; remove path, query and fragment")
	}
	_, err := canonicalPort(u)
	return err
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// useProxy makes base reach endpoints through o.Proxy alone.
func useProxy(base *http.Transport, config *tls.Config, o Options) {
	proxy := *o.Proxy
	port, _ := canonicalPort(&proxy)
	only := net.JoinHostPort(proxy.Hostname(), strconv.Itoa(int(port)))
	// the host's own, so it may be private
	dialer := &net.Dialer{Timeout: o.DialTimeout, Resolver: o.Resolver, ControlContext: o.Control}
	via := func(dial dialFunc) dialFunc {
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != only {
				return nil, fmt.Errorf("%w: %s is not the proxy", ErrBlocked, address)
			}
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			_ = conn.SetDeadline(time.Now().Add(o.DialTimeout)) // fails on a closed connection only
			return &proxyConn{Conn: conn}, nil
		}
	}
	base.Proxy = http.ProxyURL(&proxy)
	base.OnProxyConnectResponse = judgeConnect
	// With a proxy net/http picks the dialer by the proxy's scheme, and speaks TLS to the endpoint itself.
	base.DialContext = via(dialer.DialContext)
	base.DialTLSContext = via((&tlsDialer{dialer, config}).dial)
	base.TLSClientConfig = config
	base.TLSHandshakeTimeout = o.DialTimeout
}

// proxyConn has a deadline until the proxy speaks: net/http would wait a minute for the answer to CONNECT.
type proxyConn struct {
	net.Conn
	heard bool
}

func (c *proxyConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard {
		c.heard = true
		_ = c.SetDeadline(time.Time{}) // fails on a closed connection only
	}
	return n, err
}

// judgeConnect reads the proxy's answer. 403 is its word on the address, as a policy's would be. 502 to 504 are its
// word on the endpoint, which must not be tried for ever. Any other refusal means that the proxy does not serve us.
func judgeConnect(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusForbidden:
		return fmt.Errorf("%w: by the proxy", ErrBlocked)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &beyondError{resp.StatusCode}
	}
	return &proxyError{fmt.Errorf("CONNECT was answered with %d", resp.StatusCode)}
}

// checkProxied is all that can be told before the proxy looks names up.
func (p Policy) checkProxied(u *url.URL) error {
	if _, err := ParseURL(u.String(), p); err != nil {
		return fmt.Errorf("%w: %s", ErrBlocked, Why(err))
	}
	if u.Scheme != "https" {
		return fmt.Errorf("%w: plain http through a proxy; use https", ErrBlocked)
	}
	return nil
}

// roundTripProxied tells the proxy's failures from the endpoint's, which net/http mixes. Once there is a connection
// through the proxy, errors are the endpoint's.
func roundTripProxied(base *http.Transport, req *http.Request) (*http.Response, error) {
	var reached, refused, through atomic.Bool // the proxy, TLS, all the way
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { reached.Store(false); refused.Store(false); through.Store(false) },
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				reached.Store(true)
			}
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { refused.Store(err != nil) },
		GotConn:          func(httptrace.GotConnInfo) { through.Store(true) },
	}
	resp, err := base.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	var op *net.OpError
	switch {
	case err == nil || through.Load() || errors.Is(err, ErrBlocked) || errors.Is(err, context.Canceled) ||
		isA[*proxyError](err) || isA[*beyondError](err) || HostFaultOf(err) != "":
	case errors.As(err, &op) && op.Op == "proxyconnect":
		err = &proxyError{op.Err}
	case refused.Load():
		err = &handshakeError{err}
	case isTimeout(err) && reached.Load(): // nobody knows whether it was the proxy or the endpoint that was slow
	case isTimeout(err):
		err = &proxyError{errProxyLate}
	case isBroken(err):
		err = &proxyError{err}
	default:
		err = &proxyError{errProxyAlien}
	}
	return resp, err
}
