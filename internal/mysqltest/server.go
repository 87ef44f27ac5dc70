package mysqltest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// Server is a private server. Its methods must not be called concurrently.
type Server struct {
	program, dir string
	port         int
	running      *exec.Cmd // nil while it is down
	lifeline     io.Closer // the guardian's standard input
	guardian     *exec.Cmd
}

// start makes a data directory and starts a server on it, with the settings that it has by itself.
func start() (*Server, error) {
	program, initialize, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mysqltest-")
	if err != nil {
		return nil, fmt.Errorf("mysqltest: %w", err)
	}
	s := &Server{program: program, dir: dir}
	if err := s.create(initialize); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := s.Restart(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// binaries returns the server and the command that makes its data directory.
func binaries() (program string, initialize []string, err error) {
	if program, err := exec.LookPath("mariadbd"); err == nil {
		if install, err := exec.LookPath("mariadb-install-db"); err == nil {
			const open = "--auth-root-authentication-method=normal"
			return program, []string{install, "--no-defaults", open, "--skip-test-db"}, nil
		}
	}
	if program, err := exec.LookPath("mysqld"); err == nil {
		return program, []string{program, "--no-defaults", "--initialize-insecure"}, nil
	}
	return "", nil, errors.New("no server answers, and neither mariadbd nor mysqld is installed")
}

func (s *Server) create(initialize []string) error {
	cmd := exec.Command(initialize[0], append(initialize[1:], s.ours()...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("mysqltest: %s: %w: %s", initialize[0], err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("mysqltest: %w", err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	return s.guard()
}

// ours are the options that the server and its data directory share. It runs as us: as root it asks to be told so.
func (s *Server) ours() []string {
	options := []string{"--datadir=" + filepath.Join(s.dir, "data")}
	if os.Geteuid() == 0 {
		options = append(options, "--user=root")
	}
	return options
}

// guard starts the process that ends the server and removes its data once our end of a pipe is closed: by Close, or
// because this process is gone.
func (s *Server) guard() error {
	s.guardian = command("sh", "-c", `read -r _; kill -9 "$(cat "$0/pid")" 2>/dev/null; rm -rf "$0"`, s.dir)
	s.guardian.Dir = "/"
	lifeline, err := s.guardian.StdinPipe()
	if err != nil {
		return fmt.Errorf("mysqltest: %w", err)
	}
	s.lifeline = lifeline
	if err := s.guardian.Start(); err != nil {
		return fmt.Errorf("mysqltest: guardian: %w", err)
	}
	return nil
}

// Close stops the server and removes its data.
func (s *Server) Close() {
	if s.running != nil {
		s.Crash()
	}
	s.lifeline.Close()
	s.guardian.Wait()
	os.RemoveAll(s.dir)
}

// DSN is the data source name; the name of a database may be added.
func (s *Server) DSN() string { return dsn(s.Addr()) }

// Addr is where the server listens.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Crash kills the server: every connection breaks, and the next start recovers from the log.
func (s *Server) Crash() error {
	if s.running == nil {
		return errors.New("mysqltest: the server is down")
	}
	err := s.running.Process.Kill()
	s.running.Wait()
	s.running = nil
	return err
}

// Restart starts the server again on the same address, and returns once it accepts connections.
func (s *Server) Restart() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("mysqltest: %w", err)
	}
	defer log.Close()
	options := append([]string{"--no-defaults"}, s.ours()...)
	s.running = command(s.program, append(options, "--bind-address=127.0.0.1", "--port="+strconv.Itoa(s.port),
		"--socket="+filepath.Join(s.dir, "socket"), "--pid-file="+filepath.Join(s.dir, "pid"))...)
	s.running.Dir = s.dir
	s.running.Stdout, s.running.Stderr = log, log
	if err := s.running.Start(); err != nil {
		return fmt.Errorf("mysqltest: %w", err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if answers(s.Addr()) {
			return nil
		}
	}
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return fmt.Errorf("mysqltest: the server does not answer:\n%s", text[max(0, len(text)-2000):])
}
