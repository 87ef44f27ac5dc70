// Package confine keeps the tests of a package on this machine. Import it for its effect, in one test file:
//
//	import _ "github.com/kirimhooks/kirimhooks/internal/testnet/confine"
//
// From then on no name server is asked, by the transport of a Sender as little as by anything else: a name is what this
// machine's own files say, or does not exist. Clients that share http.DefaultTransport connect to loopback alone and
// heed no proxy. What dials a written address by itself is beyond its reach.
package confine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
)

var errNameServer = errors.New("confine: tests ask no name server")

func init() {
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial:     func(context.Context, string, string) (net.Conn, error) { return nil, errNameServer },
	}
	shared := http.DefaultTransport.(*http.Transport)
	shared.Proxy = nil
	shared.DialContext = (&net.Dialer{ControlContext: refuse}).DialContext
}

// refuse lets nothing out. It is the tripwire of package testnet without a test to fail: the one that needed the
// connection does.
func refuse(_ context.Context, network, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err == nil && ap.Addr().Unmap().IsLoopback() {
		return nil
	}
	return fmt.Errorf("confine: a test tried to connect to %s %s; tests stay on loopback", network, address)
}
