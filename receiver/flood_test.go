package receiver_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// Two hundred attackers at once send the largest bodies there can be, or bodies without end, or hold on to them.
// Together they hold no more than MaxUnverified and a little each, garbage comes to no multiple of that, and genuine
// requests are answered all the while.
func TestManyAttackers(t *testing.T) {
	const attackers, limit = 200, 4 << 20 // the default
	piece := bytes.Repeat([]byte("x"), 64<<10)
	pieces := func(c net.Conn, n int) {
		for range n {
			if _, err := c.Write(piece); err != nil {
				return
			}
		}
	}
	declared := "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Signature: t=1,v1=00\r\nContent-Length: %d\r\n\r\n"
	chunked := "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Signature: t=1,v1=00\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, attack := range map[string]func(net.Conn){
		"chunks without end": func(c net.Conn) {
			io.WriteString(c, chunked)
			for {
				if _, err := fmt.Fprintf(c, "%x\r\n%s\r\n", len(piece), piece); err != nil {
					return
				}
			}
		},
		"one large chunk": func(c net.Conn) {
			io.WriteString(c, chunked+"7fffffff\r\n")
			pieces(c, 1<<20)
		},
		"almost all, then nothing": func(c net.Conn) {
			fmt.Fprintf(c, declared, limit)
			pieces(c, limit/len(piece)-1)
		},
		"little of much, then nothing": func(c net.Conn) {
			fmt.Fprintf(c, declared, limit)
			pieces(c, 3)
		},
		"forged, in full": func(c net.Conn) {
			fmt.Fprintf(c, declared, limit)
			pieces(c, limit/len(piece))
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newRig(t, nil)
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
			var most int64
			for i := range 10 {
				body := fmt.Appendf(nil, `{"id":"evt_%d","type":"a"}`, i)
				c, err := net.Dial("tcp", address)
				require.NoError(t, err)
				res, err := send(c, head(string(body), "X-Kirim-Signature: "+sign(kirimSecret, time.Now(), body)))
				require.NoError(t, err)
				require.Equal(t, 200, res.StatusCode)
				c.Close()
				most = max(most, int64(heap())-int64(before))
			}
			wg.Wait() // they have sent all they could, and hold on
			heap()
			held := int64(heap()) - int64(before) // the second time without what died during the first
			t.Logf("at most %d MiB, and %d MiB in the end", most>>20, held>>20)
			require.Less(t, most, int64(attackers*limit/2))
			require.Less(t, held, int64(16*limit+attackers*128<<10))
			for _, c := range conns {
				c.Close()
			}
			require.Equal(t, 10, k.runs())
		})
	}
}

// stalled is a forged body of which all but the end has come.
type stalled struct {
	io.Reader
	ended chan struct{}
}

func newStalled(size int) *stalled {
	return &stalled{bytes.NewReader(make([]byte, size)), make(chan struct{})}
}

func (s *stalled) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err == io.EOF {
		<-s.ended
	}
	return n, err
}

func (s *stalled) request() *http.Request {
	r := kirimPost([]byte("forged"))
	r.Body, r.ContentLength = io.NopCloser(s), -1
	return r
}

func (s *stalled) end() { close(s.ended) }

// large is a genuine body of size bytes.
func large(size int) []byte {
	body := []byte(`{"id":"evt_large","type":"a"}`)
	return append(body, bytes.Repeat([]byte(" "), size-len(body))...)
}

// Large bodies share the room there is, whoever sends them: one that finds none is asked to come again, one that finds
// some in time is taken, and all is free when they are answered.
func TestRoomForLargeBodies(t *testing.T) {
	const size = 1 << 20
	synctest.Test(t, func(t *testing.T) {
		verify := receiver.Kirim(keys(kirimSecret)).Verify
		d, ill := receiver.Kirim(keys(kirimSecret)), false
		d.Verify = func(r receiver.Request, now time.Time) (int, error) {
			if ill {
				panic("ill")
			}
			return verify(r, now)
		}
		busy := make(chan struct{})
		k := newRig(t, receiver.HandlerFunc(func(_ context.Context, ev *receiver.Event) error {
			if len(ev.Body) == size {
				<-busy // large bodies keep their handlers for as long as they like
			}
			return nil
		}), dialects(d), func(c *receiver.Config) { c.MaxBody, c.MaxUnverified = size, 2*size })
		var holders []*stalled
		for range 2 {
			held := newStalled(size)
			holders = append(holders, held)
			go k.serve(held.request())
		}
		synctest.Wait()

		start := time.Now()
		w := k.serve(kirimPost(large(size)))
		require.Equal(t, 503, w.Code)
		require.Equal(t, "5", w.Header().Get("Retry-After"))
		require.Equal(t, "close", w.Header().Get("Connection"))
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorContains(t, k.rejected[0], "Config.MaxUnverified")
		require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code, "a small one needs no room")
		require.Equal(t, time.Second, time.Since(start))

		codes := make(chan int, 8)
		go func() { codes <- k.serve(kirimPost(large(size))).Code }()
		time.Sleep(time.Second / 2)
		holders[0].end() // in time
		synctest.Wait()
		require.Equal(t, 2, k.runs(), "it runs")

		// A handler's time is not the room's: all may be taken again, and given back, by whatever end.
		for range 3 {
			require.Equal(t, 401, k.serve(post(large(size), "X-Kirim-Signature", "t=1,v1=00")).Code)
			ill = true
			require.Equal(t, 500, k.serve(kirimPost(large(size))).Code)
			ill = false
			tooMuch := kirimPost(large(size + 1))
			tooMuch.ContentLength = -1
			require.Equal(t, 413, k.serve(tooMuch).Code)
			cut := kirimPost(large(size))
			cut.Body = io.NopCloser(io.MultiReader(cut.Body, broken{}))
			require.Equal(t, 400, k.serve(cut).Code)
			gone, leave := context.WithCancel(context.Background())
			leave()
			require.Equal(t, 401, k.serve(post(large(size), "X-Kirim-Signature", "t=1,v1=00").WithContext(gone)).Code)
		}
		holders[1].end()
		close(busy)
		require.Equal(t, 200, <-codes)
	})
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
	k := newRig(t, nil, func(c *receiver.Config) { c.MaxBody, c.MaxUnverified = 2*size, requests*2*size })
	forged := bytes.Repeat([]byte("x"), size)
	before := heap()
	var reading, answered sync.WaitGroup
	reading.Add(requests)
	for range requests {
		answered.Go(func() {
			r := kirimPost([]byte("forged"))
			r.Body = io.NopCloser(&whole{bytes.NewReader(forged), &reading})
			assert.Equal(t, http.StatusUnauthorized, k.serve(r).Code)
		})
	}
	answered.Wait()
	// after one collection, which leaves what is pooled
	require.Less(t, int64(heap())-int64(before), int64(requests*size/4))
	runtime.KeepAlive(k)
}

// Bodies that are cheap to send are cheap to refuse, also when they are signed: reading one takes little more memory
// than itself.
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
