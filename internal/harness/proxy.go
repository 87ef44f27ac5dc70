package harness

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Proxy stands between workers and a Postgres server and troubles their connections. It reads the server's side of the
// protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html), without TLS, so that it can tell a
// reply that tells of a commit. Its methods may be called concurrently.
type Proxy struct {
	listener net.Listener
	server   string
	wg       sync.WaitGroup

	mu      sync.Mutex
	links   map[*link]struct{}
	closed  bool
	refuses bool
	thaw    chan struct{} // nothing passes until it is closed; nil: all passes
	delay   time.Duration // of all that passes
	mute    int           // replies that are still to be lost
	lost    int           // replies that were
}

// NewProxy listens on loopback and forwards to server, a host and port.
func NewProxy(server string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("harness: proxy: %w", err)
	}
	p := &Proxy{listener: listener, server: server, links: map[*link]struct{}{}}
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where it listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Close cuts all connections and ends.
func (p *Proxy) Close() {
	p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cut()
	p.wg.Wait()
}

// Cut breaks every connection and refuses new ones for d.
func (p *Proxy) Cut(d time.Duration) {
	p.set(func() { p.refuses = true })
	p.cut()
	time.Sleep(d)
	p.set(func() { p.refuses = false })
}

// Stall lets nothing pass for d, in either direction, while connections stay open and new ones are accepted.
func (p *Proxy) Stall(d time.Duration) {
	thaw := p.Freeze()
	time.Sleep(d)
	thaw()
}

// Freeze is Stall until thaw is called, which must be before Close.
func (p *Proxy) Freeze() (thaw func()) {
	frozen := make(chan struct{})
	p.set(func() { p.thaw = frozen })
	return func() {
		p.set(func() { p.thaw = nil })
		close(frozen)
	}
}

// Slow delays whatever passes within the next d.
func (p *Proxy) Slow(delay, d time.Duration) {
	p.set(func() { p.delay = delay })
	time.Sleep(d)
	p.set(func() { p.delay = 0 })
}

// Mute loses up to n replies within the next d, and returns how many: the server has carried out what it was asked, and
// committed it, and the connection breaks before the client hears.
func (p *Proxy) Mute(n int, d time.Duration) (lost int) {
	p.set(func() { p.mute, p.lost = n, 0 })
	time.Sleep(d)
	p.set(func() { p.mute, lost = 0, p.lost })
	return lost
}

func (p *Proxy) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *Proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.close()
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		client.Close()
		return
	}
	l := &link{proxy: p, client: client, server: server}
	defer l.close()
	p.mu.Lock()
	refused := p.closed || p.refuses
	if !refused {
		p.links[l] = struct{}{}
	}
	p.mu.Unlock()
	if refused {
		return
	}
	p.wg.Go(l.forward)
	l.reply()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// hinder holds up what passes just now.
func (p *Proxy) hinder() {
	p.mu.Lock()
	thaw, delay := p.thaw, p.delay
	p.mu.Unlock()
	time.Sleep(delay)
	if thaw != nil {
		<-thaw
	}
}

// takeMute reports whether a reply is to be lost, and counts it if it tells of a commit.
func (p *Proxy) takeMute(commit bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mute == 0 {
		return false
	}
	if commit {
		p.mute--
		p.lost++
	}
	return true
}

// link is one connection through a [Proxy].
type link struct {
	proxy          *Proxy
	client, server net.Conn
}

func (l *link) close() {
	l.client.Close()
	l.server.Close()
}

// forward passes on what the client says.
func (l *link) forward() {
	defer l.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := l.client.Read(buffer)
		if err != nil {
			return
		}
		l.proxy.hinder()
		if _, err := l.server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// reply passes on what the server says, message by message, until a reply is to be lost.
func (l *link) reply() {
	r := bufio.NewReader(l.server)
	w := bufio.NewWriter(l.client)
	var held []byte // of a reply that may have to be lost
	committed := false
	for {
		message, err := readMessage(r)
		if err != nil {
			return
		}
		if r.Buffered() == 0 {
			l.proxy.hinder()
		}
		held = append(held, message...)
		committed = committed || tellsOfWork(message)
		switch end := message[0] == 'Z'; {
		case end && message[5] == 'I' && committed && l.proxy.takeMute(true):
			return
		case !end && !unasked(message) && l.proxy.takeMute(false):
			continue
		case end:
			committed = false
		}
		if _, err := w.Write(held); err != nil {
			return
		}
		held = held[:0]
		if r.Buffered() == 0 && w.Flush() != nil {
			return
		}
	}
}

// readMessage reads one message of the server: a type, the length of what follows with its own four bytes, and that.
func readMessage(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(5)
	if err != nil {
		return nil, err
	}
	message := make([]byte, 1+max(4, binary.BigEndian.Uint32(head[1:])))
	_, err = io.ReadFull(r, message)
	return message, err
}

// tellsOfWork reports whether a message says that a statement has done something that could be lost with a transaction:
// CommandComplete with any tag but those that only frame one.
func tellsOfWork(message []byte) bool {
	if message[0] != 'C' {
		return false
	}
	switch tag := string(message[5 : len(message)-1]); tag {
	case "BEGIN", "ROLLBACK", "SET", "LISTEN":
		return false
	}
	return true
}

// unasked messages are no part of a reply: notifications, notices, changed parameters.
func unasked(message []byte) bool {
	return message[0] == 'A' || message[0] == 'N' || message[0] == 'S'
}
