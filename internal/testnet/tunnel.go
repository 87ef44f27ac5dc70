package testnet

import (
	"io"
	"net/netip"
	"sync"
	"testing"
)

// Tunnel plays a proxy: whatever CONNECT asks for, it leads to the server at upstream.
func Tunnel(t testing.TB, upstream netip.AddrPort) func(*Conn) {
	dial := Loopback(t)
	return func(c *Conn) {
		if !c.Request() {
			return
		}
		far, err := dial(t.Context(), "tcp", upstream.String())
		if err != nil || !c.Say("HTTP/1.1 200 Connection established\r\n\r\n") {
			return
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			defer far.Close()
			io.Copy(far, c.Conn) // a client sends nothing ahead of the answer, so that nothing waits in c's buffer
		})
		io.Copy(c.Conn, far)
		c.Close()
		wg.Wait()
	}
}
