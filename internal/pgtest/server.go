package pgtest

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

// Server is a private server. Its methods must not be called concurrently.
type Server struct {
	bin, dir string
	port     int
	guardian *servertest.Guardian
}

// start makes a database cluster and starts a server on it, with the settings that Postgres has by itself.
func start() (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	s := &Server{bin: bin, dir: dir}
	if err := s.create(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := s.guard(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := s.Restart(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) create() error {
	if err := giveAway(s.dir); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	if err := s.run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
		"--no-sync"); err != nil {
		return err
	}
	port, err := servertest.FreePort()
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	s.port = port
	return nil
}

// guard starts the process that ends the server and removes its data.
func (s *Server) guard() (err error) {
	const cleanUp = `read -r _; "$0" -D "$1" -m immediate -s stop; rm -rf "$2"`
	s.guardian, err = servertest.Guard(command("sh", "-c", cleanUp, filepath.Join(s.bin, "pg_ctl"), s.data(), s.dir))
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

// Close stops the server and removes its data.
func (s *Server) Close() {
	s.guardian.Release()
	os.RemoveAll(s.dir)
}

// DSN is the connection string.
func (s *Server) DSN() string { return dsn(s.Addr()) }

// DSNVia is the connection string of a proxy before the server.
func (s *Server) DSNVia(proxy string) string { return dsn(proxy) }

// Addr is where the server listens.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// PID is the process that all others of the server descend from.
func (s *Server) PID() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("pgtest: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}

// Crash stops the server as a crash of it would: every connection breaks, and the next start recovers from the
// write-ahead log.
func (s *Server) Crash() error { return s.run("pg_ctl", "-m", "immediate", "-w", "stop") }

// Restart starts the server again on the same address, and returns once it accepts connections.
func (s *Server) Restart() error {
	options := fmt.Sprintf("-c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories=''", s.port)
	err := s.run("pg_ctl", "-l", filepath.Join(s.dir, "log"), "-o", options, "-w", "start")
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w\n%s", err, servertest.Tail(filepath.Join(s.dir, "log")))
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) run(name string, args ...string) error {
	cmd := command(filepath.Join(s.bin, name), append([]string{"-D", s.data()}, args...)...)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: %s: %w: %s", name, err, out)
	}
	return nil
}

// binaries returns the directory of pg_ctl, initdb and postgres. Debian and Red Hat keep them out of the path.
func binaries() (string, error) {
	var dirs []string
	if found, err := exec.LookPath("pg_ctl"); err == nil {
		if real, err := filepath.EvalSymlinks(found); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"} {
		found, _ := filepath.Glob(pattern)
		slices.SortFunc(found, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
		dirs = append(dirs, found...)
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("no server answers and initdb is not installed")
}

// version is the number in a directory's name.
func version(dir string) int {
	n, _ := strconv.Atoi(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, dir))
	return n
}
