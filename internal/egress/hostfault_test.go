package egress

import (
	"crypto/x509"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHostFaults(t *testing.T) {
	dial := func(op string, to string, err error) error {
		return &net.OpError{Op: op, Net: "tcp", Addr: &net.TCPAddr{IP: net.ParseIP(to)},
			Err: os.NewSyscallError("connect", err)}
	}
	fit := host{func() bool { return true }, func() bool { return true }, func() bool { return true }}
	ill := host{func() bool { return false }, func() bool { return false }, func() bool { return false }}
	unreachable, unknown := dial("dial", "192.0.2.1", syscall.ENETUNREACH),
		&net.DNSError{Err: "no such host", IsNotFound: true}
	for name, tt := range map[string]struct {
		host host
		err  error
		want HostFault
	}{
		"EMFILE":                       {fit, dial("dial", "192.0.2.1", syscall.EMFILE), NoDescriptors},
		"EMFILE on the way to a proxy": {fit, dial("proxyconnect", "192.0.2.1", syscall.EMFILE), NoDescriptors},
		"EMFILE asking for a name": {fit, &net.DNSError{Err: "dial udp: socket: " + syscall.EMFILE.Error()},
			NoDescriptors},
		"no descriptor for names":   {ill, unknown, NoDescriptors},
		"no such name":              {fit, unknown, ""},
		"ENOBUFS":                   {fit, dial("dial", "192.0.2.1", syscall.ENOBUFS), NoMemory},
		"ENOBUFS on a connection":   {fit, dial("write", "192.0.2.1", syscall.ENOBUFS), ""},
		"no ports":                  {fit, dial("dial", "192.0.2.1", syscall.EADDRNOTAVAIL), NoPorts},
		"no IPv6":                   {fit, dial("dial", "2001:db8::1", syscall.EADDRNOTAVAIL), ""},
		"no network":                {ill, unreachable, NoNetwork},
		"no route to that network":  {fit, unreachable, ""},
		"refused without a network": {ill, dial("dial", "192.0.2.1", syscall.ECONNREFUSED), ""},
		"roots that cannot be read": {fit, &handshakeError{x509.SystemRootsError{}}, NoRoots},
		"no roots":                  {ill, &handshakeError{x509.UnknownAuthorityError{}}, NoRoots},
		"an unknown authority":      {fit, &handshakeError{x509.UnknownAuthorityError{}}, ""},
		"blocked":                   {ill, errors.Join(ErrBlocked, syscall.ENETUNREACH), ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := tt.host.blame(tt.err, true, true)
			require.ErrorIs(t, err, tt.err)
			require.Equal(t, tt.want, HostFaultOf(err))
			require.Equal(t, tt.want != "", Classify(err) == Host)
		})
	}
	given := ill.blame(&handshakeError{x509.UnknownAuthorityError{}}, false, false)
	require.Empty(t, HostFaultOf(given), "roots that were given are not the host's")
}
