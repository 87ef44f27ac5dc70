package testnet

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"
)

// Request is one request as it came over the wire, its body read to the end.
type Request struct {
	*http.Request
	Payload []byte
}

// Conn is the server's end of a connection: it reads requests and says whatever it likes. Its methods report false once
// the peer is gone, so that an endless answer ends with it.
type Conn struct {
	net.Conn
	server *Server
	raw    net.Conn // below TLS
	r      *bufio.Reader
}

func newConn(s *Server, c, raw net.Conn) *Conn {
	return &Conn{Conn: c, server: s, raw: raw, r: bufio.NewReader(c)}
}

// Request reads the next request with its body.
func (c *Conn) Request() bool {
	req, err := http.ReadRequest(c.r)
	if err != nil {
		return false
	}
	payload, err := io.ReadAll(req.Body)
	if err != nil {
		return false
	}
	c.server.record(Request{req, payload})
	return true
}

// Say writes text as it is.
func (c *Conn) Say(text string) bool {
	_, err := io.WriteString(c, text)
	return err == nil
}

// Drip writes text byte by byte with a pause before each.
func (c *Conn) Drip(text string, pause time.Duration) bool {
	for i := range len(text) {
		time.Sleep(pause)
		if !c.Say(text[i : i+1]) {
			return false
		}
	}
	return true
}

// Flood writes text over and over until the peer hangs up, and returns how many bytes it took.
func (c *Conn) Flood(text string) (taken int64) {
	for {
		n, err := io.WriteString(c, text)
		taken += int64(n)
		if err != nil {
			return taken
		}
	}
}

// Hang says nothing until the peer hangs up.
func (c *Conn) Hang() { io.Copy(io.Discard, c.r) }

// HalfClose ends what the server says and keeps listening.
func (c *Conn) HalfClose() { c.raw.(*net.TCPConn).CloseWrite() }

// Reset breaks the connection off with a TCP reset.
func (c *Conn) Reset() {
	c.raw.(*net.TCPConn).SetLinger(0)
	c.raw.Close()
}
