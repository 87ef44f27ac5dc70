package redistest

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
	options      []string
	running      *exec.Cmd // nil while it is down
	lifeline     io.Closer // the guardian's standard input
	guardian     *exec.Cmd
}

func start(options []string) (*Server, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("no server answers, and redis-server is not installed")
	}
	port, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("redistest: %w", err)
	}
	dir, err := os.MkdirTemp("", "redistest-")
	if err != nil {
		return nil, fmt.Errorf("redistest: %w", err)
	}
	s := &Server{program: program, dir: dir, port: port, options: options}
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

// guard starts the process that ends the server and removes its data once our end of a pipe is closed: by Close, or
// because this process is gone.
func (s *Server) guard() error {
	s.guardian = command("sh", "-c", `read -r _; kill -9 "$(cat "$0/pid")" 2>/dev/null; rm -rf "$0"`, s.dir)
	s.guardian.Dir = "/"
	lifeline, err := s.guardian.StdinPipe()
	if err != nil {
		return fmt.Errorf("redistest: %w", err)
	}
	s.lifeline = lifeline
	if err := s.guardian.Start(); err != nil {
		return fmt.Errorf("redistest: guardian: %w", err)
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

// URL is the address as redis://HOST:PORT.
func (s *Server) URL() string { return url(s.Addr()) }

// Addr is where the server listens.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Crash kills the server: every connection breaks, and what is not on disk is forgotten.
func (s *Server) Crash() error {
	if s.running == nil {
		return errors.New("redistest: the server is down")
	}
	err := s.running.Process.Kill()
	s.running.Wait()
	s.running = nil
	os.Remove(filepath.Join(s.dir, "pid")) // the number may be given to another process
	return err
}

// Restart starts the server again on the same address, and returns once it answers.
func (s *Server) Restart() error {
	log := filepath.Join(s.dir, "log")
	args := []string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(s.port), "--dir", s.dir, "--pidfile", filepath.Join(s.dir, "pid"),
		"--logfile", log, "--save", "",
	}
	s.running = command(s.program, append(args, s.options...)...)
	s.running.Dir = s.dir
	if err := s.running.Start(); err != nil {
		s.running = nil
		return fmt.Errorf("redistest: %w", err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if answers(s.Addr()) {
			return nil
		}
	}
	text, _ := os.ReadFile(log)
	return fmt.Errorf("redistest: the server does not answer:\n%s", text[max(0, len(text)-2000):])
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
