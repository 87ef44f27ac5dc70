package mysqltest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

// Server is a private server. Its methods must not be called concurrently.
type Server struct{ *servertest.Server }

// DSN is the data source name; the name of a database may be added.
func (s *Server) DSN() string { return dsn(s.Addr()) }

// start makes a data directory and starts a server on it, with the settings that it has by itself.
func start() (*Server, error) {
	program, initialize, err := binaries()
	if err != nil {
		return nil, err
	}
	s, err := servertest.Start(servertest.Config{
		Name: "mysqltest", Program: program, Answers: answers,
		Prepare: func(dir string) error {
			cmd := exec.Command(initialize[0], append(initialize[1:], ours(dir)...)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w: %s", initialize[0], err, out)
			}
			return nil
		},
		Args: func(dir string, port int) []string {
			options := append([]string{"--no-defaults"}, ours(dir)...)
			return append(options, "--bind-address=127.0.0.1", "--port="+strconv.Itoa(port),
				"--socket="+filepath.Join(dir, "socket"))
		},
	})
	if err != nil {
		return nil, err
	}
	return &Server{s}, nil
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

// ours are the options that the server and its data directory share. It runs as us: as root it asks to be told so.
func ours(dir string) []string {
	options := []string{"--datadir=" + filepath.Join(dir, "data")}
	if os.Geteuid() == 0 {
		options = append(options, "--user=root")
	}
	return options
}
