package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisServer is a private server that has each write on disk before it answers.
type redisServer struct {
	addr     string
	pid      int
	guardian *exec.Cmd
	lifeline io.Closer // the guardian's standard input
}

// errNoRedis says that there is nothing to start.
var errNoRedis = errors.New("redis-server is not installed")

// privateRedis returns the server of this run, started at the first call.
func (b *bench) privateRedis(ctx context.Context) (*redisServer, error) {
	if b.redis != nil {
		return b.redis, nil
	}
	server, err := startRedis(ctx)
	if err != nil {
		return nil, err
	}
	b.later(server.stop)
	b.redis = server
	return server, nil
}

// guardRedis starts the server and tells its process id. It ends the server, with its directory, once the other end of
// its standard input is closed. That is also so when that process is gone. Signals for the whole process group are not
// for it.
const guardRedis = `trap '' INT TERM HUP
redis-server --port "$1" --bind 127.0.0.1 --dir "$2" --save '' --appendonly yes --appendfsync always >/dev/null 2>&1 &
echo $!; read -r _; kill $!; wait $!; rm -rf "$2"`

func startRedis(ctx context.Context) (*redisServer, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, errNoRedis
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench-redis-")
	if err != nil {
		return nil, err
	}
	s := &redisServer{addr: "127.0.0.1:" + port}
	if err := s.guard(port, dir); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("redis-server: %w", err)
	}
	if err := s.ready(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("redis-server: %w", err)
	}
	return s, nil
}

// guard starts the guardian and takes the server's process id from it.
func (s *redisServer) guard(port, dir string) error {
	s.guardian = exec.Command("sh", "-c", guardRedis, "sh", port, dir)
	stdin, err := s.guardian.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := s.guardian.StdoutPipe()
	if err != nil {
		return err
	}
	s.lifeline = stdin
	if err := s.guardian.Start(); err != nil {
		return err
	}
	pid, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		s.pid, err = strconv.Atoi(strings.TrimSpace(pid))
	}
	if err != nil {
		s.stop()
	}
	return err
}

func (s *redisServer) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	client := redis.NewClient(&redis.Options{Addr: s.addr})
	defer client.Close()
	for {
		err := client.Ping(ctx).Err()
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// cpu is what the server has used so far.
func (s *redisServer) cpu() time.Duration { return cpuOf(s.pid) }

// stop ends the server and removes its data.
func (s *redisServer) stop() {
	s.lifeline.Close()
	s.guardian.Wait()
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
