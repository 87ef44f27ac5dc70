// Package mysqltest finds a MariaDB or MySQL server for tests, or starts one of their own.
//
// [DSN] is for tests that need a server. It takes the one that KIRIMHOOKS_MYSQL names, else one on this machine that
// lets user root in without a password. Else it starts a private one from the installed binaries. [Start] always starts
// a private one, for tests that crash it. Without any of these a test is skipped, or fails where CI=true.
//
// A private server keeps its data in the directory for temporary files and listens on a port of 127.0.0.1. It ends with
// the process that started it, however that process ends.
package mysqltest

import (
	"os"
	"sync"
	"testing"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

const local = "127.0.0.1:3306"

// DSN returns the data source name of a server, as github.com/go-sql-driver/mysql reads it, which ends in "/": the name
// of a database may be added. Tests share the server: each one should make a database of its own and drop it. A private
// server, if it comes to that, is started once per process.
func DSN(t testing.TB) string {
	t.Helper()
	if dsn := os.Getenv("KIRIMHOOKS_MYSQL"); dsn != "" {
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
	servertest.Missing(t, "MariaDB or MySQL", "KIRIMHOOKS_MYSQL", err)
}

func dsn(address string) string { return "root@tcp(" + address + ")/" }

// Database makes an empty database on the server of [DSN] until t ends, and returns its name. The test imports the
// driver "mysql" (github.com/go-sql-driver/mysql).
func Database(t testing.TB) (name string) {
	t.Helper()
	return servertest.Scratch(t, "mysql", DSN(t), "create database {name}", "drop database {name}")
}
