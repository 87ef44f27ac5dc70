package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	endpointCommand = "endpoint"
	endpointPath    = "/webhooks"
)

// usage is what GET /usage of an endpoint's process answers.
type usage struct {
	CPU     time.Duration // that the process has used
	Handled int64         // requests that got through
}

// serveEndpoint is the process of one endpoint. It has one to itself so that all it costs is seen: net/http and the
// garbage too.
func serveEndpoint(name string) {
	if err := listenAndServe(name); err != nil {
		fmt.Fprintln(os.Stderr, "endpoint:", err)
		os.Exit(1)
	}
}

func listenAndServe(name string) error {
	list, err := endpoints()
	if err != nil {
		return err
	}
	var handled atomic.Int64
	mux := http.NewServeMux()
	for _, e := range list {
		if e.name != name {
			continue
		}
		h, err := e.handler(&handled)
		if err != nil {
			return err
		}
		mux.Handle(endpointPath, h)
	}
	mux.HandleFunc("GET /usage", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(usage{cpuSelf(), handled.Load()})
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	orphaned(func() { server.Close() })
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// server is an endpoint's process as the measuring process sees it.
type server struct {
	*child
	addr string
}

func startServer(ctx context.Context, name string) (*server, error) {
	c, err := spawn(ctx, endpointCommand, name)
	if err != nil {
		return nil, err
	}
	return &server{c, c.said}, nil
}

func (s *server) usage() (u usage, err error) {
	resp, err := http.Get("http://" + s.addr + "/usage")
	if err != nil {
		return u, err
	}
	defer resp.Body.Close()
	return u, json.NewDecoder(resp.Body).Decode(&u)
}
