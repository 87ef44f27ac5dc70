package servertest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// Config says what server [Start] starts. Every field but Prepare is required.
type Config struct {
	// Name begins the name of its directory, and every error.
	Name string
	// Program stays in the foreground, as one process, and logs to its standard output or error.
	Program string
	// Args are those of Program, which keeps its data below dir.
	Args func(dir string, port int) []string
	// Answers reports whether a server at address serves.
	Answers func(address string) bool
	// Prepare makes what Program wants to find below dir. Defaults to nothing.
	Prepare func(dir string) error
}

// Server is a server that was started. Its methods must not be called concurrently.
type Server struct {
	cfg      Config
	dir      string
	port     int
	running  *exec.Cmd // nil while it is down
	guardian *Guardian
}

// Start returns a server that answers.
func Start(cfg Config) (*Server, error) {
	dir, err := os.MkdirTemp("", cfg.Name+"-")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name, err)
	}
	s := &Server{cfg: cfg, dir: dir}
	if err := s.start(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) start() (err error) {
	const cleanUp = `read -r _; kill -9 "$(cat "$0/pid")" 2>/dev/null; rm -rf "$0"`
	if s.guardian, err = Guard(Command("sh", "-c", cleanUp, s.dir)); err != nil {
		return fmt.Errorf("%s: %w", s.cfg.Name, err)
	}
	if s.port, err = FreePort(); err != nil {
		return fmt.Errorf("%s: %w", s.cfg.Name, err)
	}
	if s.cfg.Prepare != nil {
		if err := s.cfg.Prepare(s.dir); err != nil {
			return fmt.Errorf("%s: %w", s.cfg.Name, err)
		}
	}
	return s.Restart()
}

// Close stops the server and removes its data.
func (s *Server) Close() {
	if s.running != nil {
		s.Crash()
	}
	if s.guardian != nil {
		s.guardian.Release()
	}
	os.RemoveAll(s.dir)
}

// Addr is where the server listens.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// PID is the server's process, 0 while it is down.
func (s *Server) PID() int {
	if s.running == nil {
		return 0
	}
	return s.running.Process.Pid
}

// Crash kills the server: every connection breaks, and what is not on disk is forgotten.
func (s *Server) Crash() error {
	if s.running == nil {
		return fmt.Errorf("%s: the server is down", s.cfg.Name)
	}
	err := s.running.Process.Kill()
	s.running.Wait()
	s.running = nil
	os.Remove(s.pidFile()) // the number may be given to another process
	return err
}

// Restart starts the server again on the same address, and returns once it answers.
func (s *Server) Restart() error {
	path := filepath.Join(s.dir, "log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("%s: %w", s.cfg.Name, err)
	}
	defer log.Close()
	cmd := Command(s.cfg.Program, s.cfg.Args(s.dir, s.port)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", s.cfg.Name, err)
	}
	s.running = cmd
	pid := strconv.Itoa(cmd.Process.Pid)
	if err := os.WriteFile(s.pidFile(), []byte(pid), 0o600); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", s.cfg.Name, err), s.Crash())
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if s.cfg.Answers(s.Addr()) {
			return nil
		}
	}
	return fmt.Errorf("%s: the server does not answer:\n%s", s.cfg.Name, Tail(path))
}

// pidFile is what the guardian reads.
func (s *Server) pidFile() string { return filepath.Join(s.dir, "pid") }
