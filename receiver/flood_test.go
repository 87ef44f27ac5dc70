package receiver_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// listen serves h on loopback.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{Handler: h}
	go s.Serve(l)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return l.Addr().String()
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Two hundred attackers at once send bodies without end, or hold on to them. Together they hold no more than the limit
// allows each, and a genuine request is answered all the while.
func TestManyAttackers(t *testing.T) {
	const attackers, limit = 200, 64 << 10
	piece := bytes.Repeat([]byte("x"), 32<<10)
	for name, attack := range map[string]func(net.Conn){
		"chunks without end": func(c net.Conn) {
			io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Signature: t=1,v1=00\r\nTransfer-Encoding: chunked\r\n\r\n")
			for {
				if _, err := fmt.Fprintf(c, "%x\r\n%s\r\n", len(piece), piece); err != nil {
					return
				}
			}
		},
		"one large chunk": func(c net.Conn) {
			io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Signature: t=1,v1=00\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n")
			for {
				if _, err := c.Write(piece); err != nil {
					return
				}
			}
		},
		"almost the limit, then nothing": func(c net.Conn) {
			fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Signature: t=1,v1=00\r\nContent-Length: %d\r\n\r\n", limit)
			c.Write(piece)
		},
		"over the limit, then nothing": func(c net.Conn) {
			io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Signature: t=1,v1=00\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n")
			for range 16 {
				c.Write(piece)
			}
		},
		"forged, in full": func(c net.Conn) {
			fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Signature: t=1,v1=00\r\nContent-Length: %d\r\n\r\n", len(piece))
			c.Write(piece)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newRig(t, nil, func(c *receiver.Config) { c.MaxBody = limit })
			address := listen(t, k)
			before := heap()
			var wg sync.WaitGroup
			var conns []net.Conn
			for range attackers {
				c, err := net.Dial("tcp", address)
				require.NoError(t, err)
				require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
				conns = append(conns, c)
				wg.Go(func() { attack(c) })
			}
			for i := range 10 {
				body := fmt.Appendf(nil, `{"id":"evt_%d","type":"a"}`, i)
				c, err := net.Dial("tcp", address)
				require.NoError(t, err)
				res, err := send(c, head(string(body), "X-Kirim-Signature: "+sign(kirimSecret, time.Now(), body)))
				require.NoError(t, err)
				require.Equal(t, 200, res.StatusCode)
				c.Close()
			}
			wg.Wait() // they have sent all they could, and hold on
			held := int64(heap()) - int64(before)
			t.Logf("%d KiB for each of %d", held>>10/attackers, attackers)
			require.Less(t, held, int64(attackers*3*limit))
			for _, c := range conns {
				c.Close()
			}
			require.Equal(t, 10, k.runs())
		})
	}
}

// whole reads as a body that ends when all the others have been read too.
type whole struct {
	io.Reader
	all *sync.WaitGroup
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err == io.EOF {
		w.all.Done()
		w.all.Wait()
	}
	return n, err
}

// What many large bodies took at once is free again when they have been answered, not kept for the next ones.
func TestLargeBodiesAreNotKept(t *testing.T) {
	const requests, size = 64, 1 << 20
	k := newRig(t, nil, func(c *receiver.Config) { c.MaxBody = 2 * size })
	large := bytes.Repeat([]byte("x"), size)
	before := heap()
	var reading, answered sync.WaitGroup
	reading.Add(requests)
	for range requests {
		answered.Go(func() {
			r := kirimPost([]byte("forged"))
			r.Body = io.NopCloser(&whole{bytes.NewReader(large), &reading})
			assert.Equal(t, http.StatusUnauthorized, k.serve(r).Code)
		})
	}
	answered.Wait()
	require.Less(t, int64(heap())-int64(before), int64(requests*size/4)) // after one collection, which leaves what is pooled
	runtime.KeepAlive(k)
}

// Bodies that are cheap to send are cheap to refuse, also when they are signed: reading one takes little more memory than
// itself.
func TestBombs(t *testing.T) {
	const size = 1 << 20
	fill := func(open, unit, end string) []byte {
		return []byte(open + strings.Repeat(unit, (size-len(open)-len(end))/len(unit)) + end)
	}
	for name, test := range map[string]struct {
		body []byte
		code int
	}{
		"depth of arrays":   {fill("", "[", ""), 400},
		"depth of objects":  {fill("", `{"a":`, ""), 400},
		"depth below entry": {fill(`{"entry":[`, "[", ""), 400},
		"depth below data":  {fill(`{"id":"evt_1","type":"a","data":`, `{"a":[`, ""), 400},
		"width":             {fill(`{"id":"evt_1","type":"a","data":[0`, ",[]", "]}"), 200},
		"width of entry":    {fill(`{"entry":[{"id":"1"}`, ",[]", "]}"), 200},
		"many names":        {fill(`{"id":"evt_1","type":"a"`, `,"x":0`, "}"), 400},
		"many changes":      {fill(`{"entry":[{"id":"1","changes":[{}`, `,{"field":"a"}`, "]}]}"), 200},
		"a long string":     {fill(`{"id":"evt_1","type":"a","data":"`, `\u0000`, `"}`), 200},
		"a long number":     {fill(`{"id":"evt_1","type":"a","data":`, "1", "}"), 200},
		"a long id":         {fill(`{"type":"a","id":"`, "a", `"}`), 400},
		"space":             {fill(`{"id":"evt_1","type":"a"}`, " ", ""), 200},
	} {
		t.Run(name, func(t *testing.T) {
			k := newRig(t, nil)
			r := kirimPost(test.body)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			code := k.serve(r).Code
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			require.Equal(t, test.code, code)
			cost := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d KiB, %v", cost>>10, took)
			require.Less(t, cost, uint64(8*size))
			require.Less(t, took, 3*time.Second)
		})
	}
}
