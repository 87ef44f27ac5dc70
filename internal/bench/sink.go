package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

const sinkCommand = "sink"

// slowness is how long the far end takes to answer under /slow/: an endpoint somewhere else in the world.
const slowness = 20 * time.Millisecond

// serveSink is the far end. It answers paths under /ok/ at once, those under /slow/ after a while, and those under
// /hang/ when the client has given up. For each request of the others it keeps the time from the "sent" in its body to
// its arrival. GET /arrivals lists them, in microseconds, and forgets them.
func serveSink() {
	var mu sync.Mutex
	arrivals := []int64{}
	mux := http.NewServeMux()
	arrive := func(_ http.ResponseWriter, r *http.Request) {
		now := time.Now().UnixNano()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		arrivals = append(arrivals, (now-sentAt(body))/1000)
	}
	mux.HandleFunc("POST /ok/", arrive)
	mux.HandleFunc("POST /slow/", func(w http.ResponseWriter, r *http.Request) {
		arrive(w, r)
		time.Sleep(slowness)
	})
	mux.HandleFunc("POST /hang/", func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	mux.HandleFunc("GET /arrivals", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		json.NewEncoder(w).Encode(arrivals)
		arrivals = arrivals[:0]
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "sink:", err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	orphaned(func() { server.Close() })
	server.Serve(l)
}

func sentAt(body []byte) int64 {
	_, rest, _ := bytes.Cut(body, []byte(`"sent":`))
	end := bytes.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	n, _ := strconv.ParseInt(string(rest[:max(end, 0)]), 10, 64)
	return n
}

// sink is the far end as the measuring process sees it.
type sink struct {
	*child
	url  string
	path func(endpoint int) string // of one of many; nil: all answer at once
}

// endpoint is the URL of one of many.
func (s *sink) endpoint(i int) string {
	path := "/ok/"
	if s.path != nil {
		path = s.path(i)
	}
	return fmt.Sprint(s.url, path, i)
}

// with is the same far end with other paths.
func (s *sink) with(path func(endpoint int) string) *sink {
	other := *s
	other.path = path
	return &other
}

func startSink(ctx context.Context) (*sink, error) {
	c, err := spawn(ctx, sinkCommand)
	if err != nil {
		return nil, err
	}
	return &sink{child: c, url: "http://" + c.said}, nil
}

// arrivals takes the latencies seen so far, sorted.
func (s *sink) arrivals() ([]time.Duration, error) {
	resp, err := http.Get(s.url + "/arrivals")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var micros []int64
	if err := json.NewDecoder(resp.Body).Decode(&micros); err != nil {
		return nil, err
	}
	slices.Sort(micros)
	list := make([]time.Duration, len(micros))
	for i, m := range micros {
		list[i] = time.Duration(m) * time.Microsecond
	}
	return list, nil
}

// gather takes what arrives until there are so many, or nothing has for a while, sorted.
func (s *sink) gather(want int) ([]time.Duration, error) {
	var all []time.Duration
	for last := time.Now(); len(all) < want && time.Since(last) < time.Second; time.Sleep(20 * time.Millisecond) {
		some, err := s.arrivals()
		if err != nil {
			return nil, err
		}
		if len(some) > 0 {
			all, last = append(all, some...), time.Now()
		}
	}
	slices.Sort(all)
	return all, nil
}

// quantile of a sorted list.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
