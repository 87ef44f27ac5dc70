package testnet

import (
	"crypto/tls"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
)

// Server accepts connections and hands each to a function. It counts what reached it.
type Server struct {
	listener net.Listener

	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	accepts  int
	requests []Request
	closed   bool
	wg       sync.WaitGroup
}

// Serve listens on address, such as "127.0.1.1:0", and runs handle for each connection, which is closed when handle
// returns. When t ends all connections are closed and every handle has returned.
func Serve(t testing.TB, address string, handle func(*Conn)) *Server {
	t.Helper()
	return serve(t, address, func(c net.Conn) net.Conn { return c }, handle)
}

// ServeTLS is Serve behind TLS.
func ServeTLS(t testing.TB, address string, config *tls.Config, handle func(*Conn)) *Server {
	t.Helper()
	return serve(t, address, func(c net.Conn) net.Conn { return tls.Server(c, config) }, handle)
}

func serve(t testing.TB, address string, wrap func(net.Conn) net.Conn, handle func(*Conn)) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("testnet: %v", err)
	}
	s := &Server{listener: listener, conns: make(map[net.Conn]struct{})}
	s.wg.Go(func() { s.accept(wrap, handle) })
	t.Cleanup(s.close)
	return s
}

func (s *Server) accept(wrap func(net.Conn) net.Conn, handle func(*Conn)) {
	for {
		raw, err := s.listener.Accept()
		if err != nil {
			return
		}
		if !s.track(raw) {
			raw.Close()
			return
		}
		s.wg.Go(func() {
			defer s.drop(raw)
			handle(newConn(s, wrap(raw), raw))
		})
	}
}

func (s *Server) track(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.accepts++
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) drop(c net.Conn) {
	c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

func (s *Server) close() {
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Addr is where the server listens.
func (s *Server) Addr() netip.AddrPort { return s.listener.Addr().(*net.TCPAddr).AddrPort() }

// URL is the server's address under scheme, "http" or "https", with the path "/hook".
func (s *Server) URL(scheme string) string { return scheme + "://" + s.Addr().String() + "/hook" }

// Accepts is how many connections were made.
func (s *Server) Accepts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepts
}

// Requests is what [Conn.Request] has read so far, over all connections.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) record(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
}
