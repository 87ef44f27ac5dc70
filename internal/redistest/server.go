package redistest

import (
	"errors"
	"os/exec"
	"strconv"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

// Server is a private server. Its methods must not be called concurrently.
type Server struct{ *servertest.Server }

// URL is the address as redis://HOST:PORT.
func (s *Server) URL() string { return url(s.Addr()) }

func start(options []string) (*Server, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("no server answers, and redis-server is not installed")
	}
	s, err := servertest.Start(servertest.Config{
		Name: "redistest", Program: program, Answers: answers,
		Args: func(dir string, port int) []string {
			args := []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", dir, "--save", ""}
			return append(args, options...)
		},
	})
	if err != nil {
		return nil, err
	}
	return &Server{s}, nil
}
