// Package servertest is what the packages that find servers for tests have in common: [Start] starts one of a test's
// own, and [Missing] ends a test that has none.
//
// A server keeps its data in the directory for temporary files and listens on a port of 127.0.0.1. It ends with the
// process that started it, however that process ends.
package servertest

import (
	"net"
	"os"
	"testing"
)

// Missing skips t, or fails it where CI=true. what is the server that it needs, err why there is none, and variable
// names it in the environment.
func Missing(t testing.TB, what, variable string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("this test needs %s: %v", what, err)
	}
	t.Skipf("NOT TESTED, this test needs %s: %v; install it or set %s", what, err, variable)
}

// FreePort returns a port of 127.0.0.1 on which nobody listens.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Tail is the end of a log, for an error.
func Tail(log string) []byte {
	const most = 2000
	text, err := os.ReadFile(log)
	if err != nil {
		return []byte(err.Error())
	}
	return text[max(0, len(text)-most):]
}
