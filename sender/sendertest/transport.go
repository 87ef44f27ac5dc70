package sendertest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Transport carries requests to the endpoints inside this process, by the host names of their URLs; a request to any
// other host gets a connection error, and a line in the test's log. Give it to Senders as Config.Transport; [New] does
// so by itself. It follows no redirects.
//
// When the test ends, requests in flight break off, and it waits for their replies to return.
func Transport(t testing.TB, endpoints ...*Endpoint) http.RoundTripper {
	t.Helper()
	tr := &transport{t: t, hosts: map[string]http.Handler{}}
	for _, e := range endpoints {
		u, err := url.Parse(e.URL)
		if err != nil || u.Hostname() == "" {
			t.Fatalf("sendertest: endpoint URL %q: not an absolute URL", e.URL)
		}
		host := strings.ToLower(u.Hostname())
		if tr.hosts[host] != nil {
			t.Fatalf("sendertest: two endpoints at host %s; give one another URL", host)
		}
		tr.hosts[host] = e
	}
	t.Cleanup(tr.close)
	return tr
}

type transport struct {
	t     testing.TB
	hosts map[string]http.Handler

	mu      sync.Mutex
	closed  bool
	serving sync.WaitGroup
}

// close waits for the replies; the end of the test's context has told them to return.
func (tr *transport) close() {
	tr.mu.Lock()
	tr.closed = true
	tr.mu.Unlock()
	tr.serving.Wait()
}

// RoundTrip implements [http.RoundTripper].
func (tr *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	in, err := arriving(r)
	if err != nil {
		return nil, err
	}
	host := strings.ToLower(r.URL.Hostname())
	x := newExchange(r, tr.t.Context())
	tr.mu.Lock()
	h := tr.hosts[host]
	switch {
	case tr.closed:
		err = refused(host, "the test is over")
	case h == nil:
		err = refused(host, "no endpoint has this host")
		tr.t.Logf("sendertest: %v; hand it to New or Transport", err)
	default:
		tr.serving.Go(func() { x.serve(tr.t, h, in) })
	}
	tr.mu.Unlock()
	if err != nil {
		x.hangUp(err)
		return nil, err
	}
	return x.await()
}

func refused(host, why string) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: %s", host, why)}
}

// arriving is r as a server gets it, its body read to the end.
func arriving(r *http.Request) (*http.Request, error) {
	var body []byte
	if r.Body != nil {
		defer r.Body.Close()
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, context.Cause(r.Context())
	}
	in, err := http.NewRequest(r.Method, "/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	in.RequestURI = in.URL.RequestURI()
	in.Host = cmp.Or(r.Host, r.URL.Host)
	in.RemoteAddr = "192.0.2.1:1234" // reserved for documentation
	for name, values := range r.Header {
		for _, v := range values {
			in.Header.Add(name, strings.Trim(v, " \t"))
		}
	}
	return in, nil
}
