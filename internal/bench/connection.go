package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// connection is kept alive from request to request.
type connection struct {
	conn net.Conn
	in   *bufio.Reader
}

func (c connection) post(request []byte) (status int, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// connections are used in parallel.
type connections []connection

func dial(addr string, n int) (connections, error) {
	var list connections
	for range n {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			list.close()
			return nil, err
		}
		list = append(list, connection{conn, bufio.NewReader(conn)})
	}
	return list, nil
}

func (list connections) close() {
	for _, c := range list {
		c.conn.Close()
	}
}

// post sends each of the requests once. Every answer must be a 200.
func (list connections) post(requests [][]byte) error {
	var conn, next atomic.Int64
	return parallel(len(list), func() error {
		c := list[conn.Add(1)-1]
		c.conn.SetDeadline(time.Now().Add(time.Minute))
		for i := next.Add(1) - 1; i < int64(len(requests)); i = next.Add(1) - 1 {
			status, err := c.post(requests[i])
			if err != nil {
				return err
			}
			if status != http.StatusOK {
				return fmt.Errorf("answer %d", status)
			}
		}
		return nil
	})
}
