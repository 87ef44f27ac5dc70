package egress

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
)

// handshakeError marks what went wrong after TCP was up and before TLS was: much of it is plain text in crypto/tls,
// which Classify could not tell from the rest.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return fmt.Sprintf("tls handshake: %v", e.err) }
func (e *handshakeError) Unwrap() error { return e.err }

type tlsDialer struct {
	dialer *net.Dialer
	config *tls.Config
}

func (d *tlsDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, d.dialer.Timeout)
	defer cancel()
	raw, err := d.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	config := d.config.Clone()
	config.ServerName = host
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, &handshakeError{err}
	}
	return conn, nil
}
