package egress

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
)

// Class is a coarse kind of failure. It is all that may be shown to whoever chose the URL: finer detail would turn the
// sender into a port scanner.
type Class string

// The classes of [Classify].
const (
	Blocked  Class = "blocked"  // the policy refused the address, or the proxy did
	Host     Class = "host"     // this host is to blame, see HostFaultOf; the endpoint has nothing to do with it
	Proxy    Class = "proxy"    // the proxy was not reached or refused to serve; the endpoint has nothing to do with it
	DNS      Class = "dns"      // the name did not resolve, or no name server answered
	Connect  Class = "connect"  // no connection, or it broke before the answer was read
	TLS      Class = "tls"      // the handshake failed: certificate, version, or no TLS at all
	Timeout  Class = "timeout"  // time ran out, at whatever step
	Canceled Class = "canceled" // our own side gave up, e.g. at shutdown
	Protocol Class = "protocol" // the answer was not HTTP/1.1 or its headers too large, or the request was not fit to send
)

// Classify says what kind of failure err, from [Transport.RoundTrip] or [ReadBody], is; "" for nil.
func Classify(err error) Class {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrBlocked):
		return Blocked
	case isA[*proxyError](err): // before what it may be of
		return Proxy
	case HostFaultOf(err) != "": // before what it may be of
		return Host
	case isA[*net.DNSError](err): // before Timeout: a silent name server is no slow endpoint
		return DNS
	case errors.Is(err, context.Canceled):
		return Canceled
	case isTimeout(err):
		return Timeout
	case isTLS(err):
		return TLS
	case isBroken(err):
		return Connect
	}
	return Protocol
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

func isTLS(err error) bool {
	if isA[*handshakeError](err) {
		return true
	}
	// An alert may also come later: TLS 1.3 servers refuse a missing client certificate with the first read.
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

func isBroken(err error) bool {
	return isA[*net.OpError](err) ||
		isA[*beyondError](err) ||
		isA[syscall.Errno](err) ||
		errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) ||
		err.Error() == "http: server closed idle connection" // unexported by net/http
}

func isA[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

const maxDescription = 256

// Describe returns the text of err for an operator's log: one line of printable characters, at most 256 bytes. It holds
// addresses and names, but no URL and nothing the peer sent in an answer: an endpoint that echoes the request would
// otherwise write its secrets into the log.
func Describe(err error) string {
	switch Classify(err) {
	case "":
		return ""
	case Protocol:
		return describeProtocol(err)
	}
	var wrapped *url.Error // quotes the whole URL
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return printable(err.Error(), maxDescription)
}

// describeProtocol picks from a fixed list, since net/http quotes the offending line in most of these errors.
func describeProtocol(err error) string {
	for _, own := range []error{errNotPost, errRepeats, errSwitching, errNoStatus} {
		if errors.Is(err, own) {
			return printable(err.Error(), maxDescription)
		}
	}
	switch text := err.Error(); {
	case strings.Contains(text, "response headers exceeded"):
		return "response headers exceed the limit"
	case strings.Contains(text, "unsupported protocol scheme"):
		return "the url is neither http nor https"
	case strings.Contains(text, "invalid header field"):
		return "the request has a header with an invalid name or value"
	}
	return "the answer is not valid HTTP/1.1"
}

// printable escapes what could forge or colour a log line and cuts at limit bytes.
func printable(text string, limit int) string {
	var b strings.Builder
	for _, r := range text {
		if r < ' ' || r > '~' {
			r = '?'
		}
		if b.Len() == limit {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}
