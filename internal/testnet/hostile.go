package testnet

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"time"
)

// OK is the answer of a healthy endpoint.
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// KeepAlive answers each request of a connection with answer.
func KeepAlive(answer string) func(*Conn) {
	return func(c *Conn) {
		for c.Request() && c.Say(answer) {
		}
	}
}

// CloseAfterRead answers the first n requests of a connection, then reads one more and closes without a word: the
// client cannot know whether that one was handled.
func CloseAfterRead(n int) func(*Conn) {
	return func(c *Conn) {
		for range n {
			if !c.Request() || !c.Say(OK) {
				return
			}
		}
		c.Request()
	}
}

// SlowHeader sends its header one byte per pause, far longer than any client should wait.
func SlowHeader(pause time.Duration) func(*Conn) {
	return func(c *Conn) {
		_ = c.Request() && c.Say("HTTP/1.1 200 OK\r\nX-Slow: ") && c.Drip(strings.Repeat("a", 1<<20), pause)
	}
}

// SlowBody sends a good header at once and its body one byte per pause.
func SlowBody(pause time.Duration) func(*Conn) {
	return func(c *Conn) {
		_ = c.Request() && c.Say("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n") &&
			c.Drip(strings.Repeat("a", 1<<20), pause)
	}
}

// Endless sends head once and then chunk until the client hangs up; taken, if not nil, gets the number of bytes it
// took.
func Endless(head, chunk string, taken chan<- int64) func(*Conn) {
	return func(c *Conn) {
		if !c.Request() || !c.Say(head) {
			return
		}
		n := c.Flood(chunk)
		if taken != nil {
			taken <- n
		}
	}
}

// EndlessBody sends a body without end.
func EndlessBody(taken chan<- int64) func(*Conn) {
	chunk := strings.Repeat("a", 4096)
	return Endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", fmt.Sprintf("%x\r\n%s\r\n", len(chunk), chunk),
		taken)
}

// EndlessInformational sends early hints without end, and no answer.
func EndlessInformational(taken chan<- int64) func(*Conn) {
	return Endless("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", taken)
}

// EndlessHeader sends header lines without end.
func EndlessHeader(taken chan<- int64) func(*Conn) {
	return Endless("HTTP/1.1 200 OK\r\n", "X-Pad: "+strings.Repeat("a", 1024)+"\r\n", taken)
}

// GzipBomb answers with size zero bytes, compressed.
func GzipBomb(size int) func(*Conn) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	w.Write(make([]byte, size))
	w.Close()
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", bomb.Len())
	return KeepAlive(head + bomb.String())
}
