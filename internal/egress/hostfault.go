package egress

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// HostFault is what is wrong with this host, so that no endpoint is to blame.
type HostFault string

// The faults of [HostFaultOf].
const (
	NoDescriptors HostFault = "no file descriptors are left"
	NoMemory      HostFault = "the system has no memory for sockets"
	NoPorts       HostFault = "no local ports are left"
	NoNetwork     HostFault = "this host has no network"
	NoRoots       HostFault = "the local certificate store is unusable"
)

// hostError marks what the host is to blame for where the error itself does not show it.
type hostError struct {
	fault HostFault
	err   error
}

func (e *hostError) Error() string { return fmt.Sprintf("egress: %s: %v", e.fault, e.err) }
func (e *hostError) Unwrap() error { return e.err }

// HostFaultOf returns what was wrong with this host when err, from [Transport.RoundTrip], was made, before a request
// was sent; "" where that is not the cause.
func HostFaultOf(err error) HostFault {
	var marked *hostError
	if errors.As(err, &marked) {
		return marked.fault
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op != "dial" && op.Op != "proxyconnect" {
		return "" // there was a connection
	}
	var dns *net.DNSError // has the text of what it met, and seldom more
	if errors.As(err, &dns) {
		for _, no := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE} {
			if strings.Contains(dns.Err, no.Error()) {
				return NoDescriptors
			}
		}
	}
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return NoDescriptors
	case errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.ENOMEM):
		return NoMemory
	case errors.Is(err, syscall.EADDRNOTAVAIL) && toIPv4(op): // of IPv6 it may mean that this host has none
		return NoPorts
	case errors.Is(err, syscall.ENETDOWN):
		return NoNetwork
	case isA[x509.SystemRootsError](err):
		return NoRoots
	}
	return ""
}

func toIPv4(op *net.OpError) bool {
	if op == nil {
		return false
	}
	to, ok := op.Addr.(*net.TCPAddr)
	return ok && to.IP.To4() != nil
}

// host is what can be asked of this host once something has failed.
type host struct {
	networked   func() bool // it has an address beyond loopback, or nobody knows
	descriptors func() bool // one is left
	roots       func() bool // there are certificates to verify with
}

func thisHost() host { return host{hasNetwork, hasDescriptors, hasRoots} }

// blame marks err with the fault of this host that explains it. own tells which parts are the host's: names and roots
// may have been given.
func (h host) blame(err error, ownNames, ownRoots bool) error {
	if err == nil || HostFaultOf(err) != "" || errors.Is(err, ErrBlocked) {
		return err
	}
	var dns *net.DNSError
	names := errors.As(err, &dns)
	unreachable := errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH)
	switch {
	case names && !h.descriptors(): // it could not read its own configuration, or ask
		return &hostError{NoDescriptors, err}
	case (unreachable || names && ownNames) && !h.networked():
		return &hostError{NoNetwork, err}
	case ownRoots && isA[x509.UnknownAuthorityError](err) && !h.roots():
		return &hostError{NoRoots, err}
	}
	return err
}

// hasNetwork is true as well where the interfaces cannot be listed.
func hasNetwork() bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			return true
		}
	}
	return false
}

func hasDescriptors() bool {
	f, err := os.Open(os.DevNull)
	if err == nil {
		f.Close()
	}
	return !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE)
}

func hasRoots() bool {
	pool, err := x509.SystemCertPool()
	return err == nil && !pool.Equal(x509.NewCertPool())
}
