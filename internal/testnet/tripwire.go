// Package testnet is a small Internet on loopback, for tests only. It has raw servers that answer badly, certificates
// that are wrong in one way each, and a name server that says what it is told. A tripwire keeps all of it on this
// machine.
//
// Linux answers on the whole of 127.0.0.0/8. By convention tests allow [Public] as if it were the public Internet and
// leave [Private] refused.
package testnet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

var (
	// Public plays the public Internet: tests put it into the allowed prefixes.
	Public = netip.MustParsePrefix("127.0.1.0/24")
	// Private plays an internal network: tests expect that nothing connects to it.
	Private = netip.MustParsePrefix("127.0.2.0/24")
)

// Tripwire returns a function for net.Dialer.ControlContext that fails t and refuses the connection if it would leave
// loopback. Put it behind whatever guard is under test, so that a hole in the guard cannot reach the network.
func Tripwire(t testing.TB) func(ctx context.Context, network, address string, c syscall.RawConn) error {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err == nil && ap.Addr().Unmap().IsLoopback() {
			return nil
		}
		t.Errorf("testnet: a test tried to connect to %s %s; tests stay on loopback", network, address)
		return fmt.Errorf("testnet: %s is not on loopback", address)
	}
}

// Loopback returns a DialContext, for an http.Transport or a net.Resolver, that connects to loopback alone and fails t
// on anything else.
func Loopback(t testing.TB) func(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{ControlContext: Tripwire(t)}
	return dialer.DialContext
}
