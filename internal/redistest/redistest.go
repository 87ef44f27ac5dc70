// Package redistest finds a Redis server for tests, or starts one of their own.
//
// [URL] is for tests that need a server. It takes the one that KIRIMHOOKS_REDIS names, or else one on this machine that
// asks for no password. Where neither is it starts a private one from the installed binary. [Start] always starts a
// private one, for tests that crash or configure it. Without any of these a test is skipped, or fails where CI=true.
//
// A private server keeps nothing on disk unless its options say so, and listens on a port of 127.0.0.1. It ends with
// the process that started it, however that process ends.
package redistest

import (
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

const local = "127.0.0.1:6379"

// URL returns the address of a server, as redis://HOST:PORT. Tests share it, with each other and perhaps with other
// programs: each one should use keys of its own and delete them. A private server, if it comes to that, is started
// once per process.
func URL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("KIRIMHOOKS_REDIS"); url != "" {
		return url
	}
	if answers(local) {
		return url(local)
	}
	s, err := shared()
	if err != nil {
		missing(t, err)
	}
	return s.URL()
}

// Start starts a private server for t alone and stops it when t ends. Options are those of redis-server's command line,
// such as "--cluster-enabled", "yes".
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	s, err := start(options)
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(s.Close)
	return s
}

// shared is the private server that all calls of URL in this process get. Nothing stops it but the end of the process.
var shared = sync.OnceValues(func() (*Server, error) { return start(nil) })

func missing(t testing.TB, err error) {
	t.Helper()
	servertest.Missing(t, "Redis", "KIRIMHOOKS_REDIS", err)
}

func url(address string) string { return "redis://" + address }

// answers reports whether a server at address serves whoever comes. One that is still loading its data does not.
func answers(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(3 * time.Second))
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return false
	}
	const pong = "+PONG\r\n"
	answer := make([]byte, len(pong))
	_, err = io.ReadFull(conn, answer)
	return err == nil && string(answer) == pong
}
