package egress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"syscall"
	"time"
)

const (
	dialTimeout     = 10 * time.Second
	idleTimeout     = 90 * time.Second
	idlePerHost     = 64
	responseHeaders = 64 << 10
)

// Options tunes a [Transport]. The zero Options is for production.
type Options struct {
	// IdlePerHost is how many idle connections are kept for each host; it should reach the number of requests that run
	// at once to one host, or the others dial anew each time. Negative keeps none. Defaults to 64.
	IdlePerHost int

	// DialTimeout bounds a dial with its TLS handshake, also where the request's context ends later or has ended: a dial
	// whose connection is meant for the pool outlives its request. Through a proxy it bounds each step: the way to the
	// proxy, its answer to CONNECT, and TLS with the endpoint. Defaults to 10 s.
	DialTimeout time.Duration

	// Proxy is an HTTP proxy through which all requests leave, by CONNECT; see [CheckProxy]. Its userinfo goes to it as
	// Proxy-Authorization. It and nothing else is dialled, wherever it is; names are looked up there, so it decides on
	// addresses. URLs are held against the policy before each request, and only https ones are sent. Defaults to none.
	Proxy *url.URL

	// RootCAs verifies the certificates of endpoints and of an https proxy. Defaults to the system's pool.
	RootCAs *x509.CertPool

	// Resolver looks up names. Defaults to net.DefaultResolver.
	Resolver *net.Resolver

	// Control sees each connection the policy has allowed, before it is made, and may still refuse it; see
	// net.Dialer.ControlContext. It cannot allow more than the policy does. Defaults to none.
	Control func(ctx context.Context, network, address string, c syscall.RawConn) error
}

// Transport is an [http.RoundTripper] that connects only where its [Policy] allows. Make one with [NewTransport] and
// share it: it pools connections and is safe for concurrent use.
type Transport struct {
	base    *http.Transport
	proxied *Policy // nil without a proxy

	host               host
	ownNames, ownRoots bool // names and roots are those of this host
}

// NewTransport returns a Transport that applies p, which is copied. When the request's context ends during a dial,
// RoundTrip returns and the dial may run on until Options.DialTimeout. Idle connections are kept for 90 seconds, a
// quarter of what [Descriptors] says in all, and dropped when descriptors run out. There is no limit on other
// connections: that is for the caller, who knows how many requests it runs.
func NewTransport(p Policy, o Options) *Transport {
	p.Allow, p.Ports, p.NAT64 = slices.Clone(p.Allow), slices.Clone(p.Ports), slices.Clone(p.NAT64)
	o.DialTimeout = cmp.Or(o.DialTimeout, dialTimeout)
	secure := &tlsDialer{
		dialer: newDialer(p, o, false),
		config: &tls.Config{
			MinVersion: tls.VersionTLS12,
			RootCAs:    o.RootCAs,
			NextProtos: []string{"http/1.1"},
		},
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	t := &Transport{base: &http.Transport{
		Proxy:                  nil, // never http.ProxyFromEnvironment: a proxy dials past the policy
		DialContext:            newDialer(p, o, true).DialContext,
		DialTLSContext:         secure.dial,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxResponseHeaderBytes: responseHeaders,
		MaxIdleConns:           idleInAll(),
		MaxIdleConnsPerHost:    cmp.Or(o.IdlePerHost, idlePerHost),
		IdleConnTimeout:        idleTimeout,
	}}
	t.host, t.ownNames, t.ownRoots = thisHost(), o.Resolver == nil, o.RootCAs == nil
	if o.Proxy != nil {
		useProxy(t.base, secure.config, o)
		t.proxied = &p
	}
	return t
}

// idleInAll is how many idle connections are kept: thousands of endpoints each keep theirs, as far as descriptors go.
func idleInAll() int {
	if n := Descriptors(); n > 0 {
		return max(1, n/4)
	}
	return 0 // no limit
}

func newDialer(p Policy, o Options, plain bool) *net.Dialer {
	return &net.Dialer{
		Timeout:  o.DialTimeout,
		Resolver: o.Resolver,
		ControlContext: func(ctx context.Context, network, address string, c syscall.RawConn) error {
			if err := p.CheckDial(network, address, plain); err != nil {
				return err
			}
			if o.Control != nil {
				return o.Control(ctx, network, address, c)
			}
			return nil
		},
	}
}

var (
	errNotPost   = errors.New("egress: only POST is sent: net/http may repeat other methods")
	errRepeats   = errors.New("egress: header Idempotency-Key or X-Idempotency-Key: net/http would repeat the request; remove it")
	errSwitching = errors.New("egress: the answer is 101 switching protocols")
	errNoStatus  = errors.New("egress: the answer has a status below 100, which means nothing")
)

// RoundTrip sends a POST and returns the answer's head; read its body with [ReadBody]. Redirects are answers like any
// other. Errors are for [Classify] and [Describe]: their own text may quote the peer.
//
// At most one request reaches the wire. net/http repeats a request whose idle connection turns out to be closed, which
// is sound only while nothing has been written. For a POST it repeats no more than that, unless an idempotency header
// tells it to; requests with one are refused.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.check(req); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := t.roundTrip(req)
	if err = t.host.blame(err, t.ownNames, t.ownRoots); err != nil {
		if HostFaultOf(err) == NoDescriptors {
			t.CloseIdleConnections()
		}
		return nil, err
	}
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		// net/http hands over the bare connection here, which no longer heeds the request's context.
		resp.Body.Close()
		return nil, errSwitching
	case resp.StatusCode < http.StatusContinue: // 000 would be taken for no answer at all
		resp.Body.Close()
		return nil, errNoStatus
	}
	return resp, nil
}

func (t *Transport) roundTrip(req *http.Request) (*http.Response, error) {
	if t.proxied != nil {
		return roundTripProxied(t.base, req)
	}
	return t.base.RoundTrip(req)
}

func (t *Transport) check(req *http.Request) error {
	if err := checkOnce(req); err != nil || t.proxied == nil {
		return err
	}
	return t.proxied.checkProxied(req.URL)
}

func checkOnce(req *http.Request) error {
	if req.Method != http.MethodPost {
		return errNotPost
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if _, ok := req.Header[name]; ok {
			return errRepeats
		}
	}
	return nil
}

// CloseIdleConnections closes the connections that carry no request now. The Transport stays usable.
func (t *Transport) CloseIdleConnections() { t.base.CloseIdleConnections() }
