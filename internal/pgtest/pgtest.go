// Package pgtest finds a Postgres server for tests, or starts one of their own.
//
// [DSN] is for tests that need a server. It takes the one that KIRIMHOOKS_POSTGRES names, else one on this machine that
// lets user postgres in without a password. Else it starts a private one from the installed binaries. [Start] always
// starts a private one, for tests that crash it. Without any of these a test is skipped, or fails where CI=true.
//
// A private server keeps its data in the directory for temporary files and listens on a port of 127.0.0.1. It ends with
// the process that started it, however that process ends.
package pgtest

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

const local = "127.0.0.1:5432"

// DSN returns the connection string of a server. Tests share it, with each other and perhaps with other programs: each
// one should make a schema of its own and drop it. A private server, if it comes to that, is started once per process.
func DSN(t testing.TB) string {
	t.Helper()
	if dsn := os.Getenv("KIRIMHOOKS_POSTGRES"); dsn != "" {
		return dsn
	}
	if answers(local) {
		return dsn(local)
	}
	s, err := shared()
	if err != nil {
		missing(t, err)
	}
	return s.DSN()
}

// Start starts a private server for t alone and stops it when t ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := start()
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(s.Close)
	return s
}

// Open starts a private server for a program that is no test. Close stops it.
func Open() (*Server, error) { return start() }

// shared is the private server that all calls of DSN in this process get. Nothing stops it but the end of the process.
var shared = sync.OnceValues(start)

func missing(t testing.TB, err error) {
	t.Helper()
	servertest.Missing(t, "Postgres", "KIRIMHOOKS_POSTGRES", err)
}

func dsn(address string) string {
	return "postgres://postgres@" + address + "/postgres?sslmode=disable"
}

// answers reports whether a server at address lets user postgres in as it is. It speaks the first lines of the protocol
// itself (https://www.postgresql.org/docs/current/protocol-flow.html) so that this package needs no driver.
func answers(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(3 * time.Second))
	const protocol3 = 3 << 16
	hello := binary.BigEndian.AppendUint32(make([]byte, 4), protocol3)
	hello = append(hello, "user\x00postgres\x00database\x00postgres\x00\x00"...)
	binary.BigEndian.PutUint32(hello, uint32(len(hello)))
	if _, err := conn.Write(hello); err != nil {
		return false
	}
	var head [9]byte // 'R', length 8, 0: authentication is over
	if _, err := io.ReadFull(conn, head[:]); err != nil || head[0] != 'R' || binary.BigEndian.Uint32(head[5:]) != 0 {
		return false
	}
	conn.Write([]byte{'X', 0, 0, 0, 4}) // goodbye, lest the server logs a connection that broke off
	return true
}

// Schema makes an empty schema on the server of [DSN] until t ends, and returns a connection string that leads there.
// The test imports the driver "pgx" (github.com/jackc/pgx/v5/stdlib).
func Schema(t testing.TB) (dsn string) {
	t.Helper()
	dsn = DSN(t)
	name := servertest.Scratch(t, driver, dsn, "create schema {name}", "drop schema {name} cascade")
	return dsn + "&search_path=" + name
}

// Database makes an empty database on the server of [DSN] until t ends, and returns its name. The test imports the
// driver as for [Schema].
func Database(t testing.TB) (name string) {
	t.Helper()
	return servertest.Scratch(t, driver, DSN(t), "create database {name}", "drop database {name}")
}

const driver = "pgx"
