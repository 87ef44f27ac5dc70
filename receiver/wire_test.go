package receiver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// pipes is a listener without a network: the connections of a net/http server in a synctest bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// dial serves h by net/http as it is, and returns a function that opens a connection to it. Call it in a bubble.
func dial(t *testing.T, h http.Handler) func() net.Conn {
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	s := &http.Server{Handler: h}
	go s.Serve(p)
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		time.Sleep(time.Second) // a bubble's second: net/http lingers before it closes
	})
	return func() net.Conn {
		client, server := net.Pipe()
		t.Cleanup(func() { client.Close() })
		p.conns <- server
		return client
	}
}

func send(c net.Conn, text string) (*http.Response, error) {
	go io.WriteString(c, text)
	return http.ReadResponse(bufio.NewReader(c), nil)
}

func head(body string, headers ...string) string {
	return "POST /webhooks HTTP/1.1\r\nHost: h\r\n" + strings.Join(headers, "\r\n") +
		fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// genuineHeaders are all that the protocol of a dialect may say of its body, by the dialect's name.
func genuineHeaders() map[string]map[string]string {
	of := func(r *http.Request, more ...string) map[string]string {
		headers := map[string]string{}
		for name := range r.Header {
			headers[name] = r.Header.Get(name)
		}
		for i := 0; i < len(more); i += 2 {
			headers[more[i]] = more[i+1]
		}
		return headers
	}
	return map[string]map[string]string{
		"kirim": of(kirimPost(nativeBody), "X-Kirim-Source", "kirim", "X-Kirim-Event", "contact.created", "X-Kirim-Event-Id",
			"evt_1",
			"X-Kirim-Delivery-Id", "wbd_1", "X-Kirim-Attempt", "1"),
		"kirisan":  of(kirisanPost(kirisanBody), "X-Kirisan-Device", "6281"),
		"meta":     of(metaPost(messageBody)),
		"standard": of(standardPost("msg_1", time.Now(), standardBody)),
	}
}

// Each header of the protocols is refused if it stands twice, whichever of both is the good one and however they are
// written.
func TestHeadersOnTheWire(t *testing.T) {
	dialect := map[string]receiver.Dialect{
		"kirim": receiver.Kirim(keys(kirimSecret)), "kirisan": receiver.Kirisan(keys(kirisanSecret)),
		"meta":     receiver.Meta(keys(appSecret), signature.NewSecret(verifyToken)),
		"standard": receiver.Standard(keys(standardSecret)),
	}
	body := map[string][]byte{"kirim": nativeBody, "kirisan": kirisanBody, "meta": messageBody, "standard": standardBody}
	seen := 0
	for who, once := range genuineHeaders() {
		for name := range once {
			seen++
			for _, second := range []string{"", name, strings.ToLower(name), strings.ToUpper(name)} {
				for _, values := range [][2]string{{"good", "bad"}, {"bad", "good"}, {"good", "good"}} {
					synctest.Test(t, func(t *testing.T) {
						good := genuineHeaders()[who] // signed at the bubble's time
						k := newRig(t, nil, dialects(dialect[who]))
						var lines []string
						for h, v := range good {
							if h != name {
								lines = append(lines, h+": "+v)
							}
						}
						value, code := map[string]string{"good": good[name], "bad": "bad"}, 400
						if second == "" {
							lines, code = append(lines, name+": "+good[name]), 200
						} else {
							lines = append(lines, name+": "+value[values[0]], second+": "+value[values[1]])
						}
						res, err := send(dial(t, k)(), head(string(body[who]), lines...))
						require.NoError(t, err)
						require.Equal(t, code, res.StatusCode, lines)
						require.Equal(t, code == 200, k.runs() == 1)
						require.True(t, code == 200 || k.store.calls.Load() == 0)
					})
				}
			}
		}
	}
	require.Equal(t, 13, seen)
}

// A 200 leaves its headers to net/http; all others bring theirs. Neither lets anything be made of the text but text.
func TestAnswersOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := dial(t, newRig(t, nil))
		for signature, code := range map[string]int{sign(kirimSecret, time.Now(), nativeBody): 200, "t=1,v1=00": 401} {
			res, err := send(conn(), head(string(nativeBody), "X-Kirim-Signature: "+signature))
			require.NoError(t, err)
			require.Equal(t, code, res.StatusCode)
			require.Equal(t, "text/plain; charset=utf-8", res.Header.Get("Content-Type"))
			require.EqualValues(t, len(http.StatusText(code)), res.ContentLength)
			require.Empty(t, res.TransferEncoding)
		}
	})
}

func TestSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newRig(t, nil)
		c := dial(t, k)()
		start, fed := time.Now(), make(chan struct{})
		go func() {
			defer close(fed)
			io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Event: a\r\nContent-Length: 100\r\n\r\n")
			for range 100 { // a byte each second would take 100 s
				time.Sleep(time.Second)
				if _, err := io.WriteString(c, "{"); err != nil {
					return
				}
			}
		}()
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err)
		require.Equal(t, 408, res.StatusCode)
		require.True(t, res.Close)
		require.Equal(t, 5*time.Second, time.Since(start))
		require.Zero(t, k.store.calls.Load())
		c.Close()
		<-fed
	})
}

// A request that is refused by its headers cannot hold the connection with a body that does not come.
func TestSlowBodyOfARefusedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c := dial(t, newRig(t, nil))()
		res, err := send(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{")
		require.NoError(t, err)
		require.Equal(t, 401, res.StatusCode)
		require.LessOrEqual(t, time.Since(start), 5*time.Second)
		_, err = c.Read(make([]byte, 1))
		for err == nil {
			_, err = c.Read(make([]byte, 100))
		}
		require.ErrorIs(t, err, io.EOF)
		require.LessOrEqual(t, time.Since(start), 6*time.Second)
	})
}

// The read deadline of one request must not reach into the handler or the next request of the connection.
func TestConnectionIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error {
			time.Sleep(8 * time.Second)
			return nil
		}))
		c := dial(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			k.ServeHTTP(w, r)
			require.NoError(t, r.Context().Err(), "the read deadline passed for a sender that has sent everything")
		}))()
		in := bufio.NewReader(c)
		for i := range 3 {
			body := fmt.Sprintf(`{"id":"evt_%d","type":"a"}`, i)
			go io.WriteString(c, head(body, "X-Kirim-Signature: "+sign(kirimSecret, time.Now(), []byte(body))))
			res, err := http.ReadResponse(in, nil)
			require.NoError(t, err)
			require.Equal(t, 200, res.StatusCode)
			_, err = io.Copy(io.Discard, res.Body)
			require.NoError(t, err)
			time.Sleep(time.Minute)
		}
		require.Equal(t, 3, k.runs())
	})
}

func TestChunkedBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newRig(t, nil, func(c *receiver.Config) { c.MaxBody = int64(len(nativeBody)) })
		connect := dial(t, k)
		chunked := func(body string) *http.Response {
			res, err := send(connect(), fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Signature: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
				sign(kirimSecret, time.Now(), []byte(body)), len(body), body))
			require.NoError(t, err)
			return res
		}
		require.Equal(t, 200, chunked(string(nativeBody)).StatusCode)
		res := chunked(string(nativeBody) + " ")
		require.Equal(t, 413, res.StatusCode)
		require.True(t, res.Close)
		require.Equal(t, 1, k.runs())
	})
}

func TestEndlessBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newRig(t, nil)
		c := dial(t, k)()
		go func() {
			io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nX-Kirim-Event: a\r\nTransfer-Encoding: chunked\r\n\r\n")
			chunk := "10000\r\n" + strings.Repeat("x", 1<<16) + "\r\n"
			for {
				if _, err := io.WriteString(c, chunk); err != nil {
					return
				}
			}
		}()
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err)
		require.Equal(t, 413, res.StatusCode)
	})
}

func TestGoexitIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error { runtime.Goexit(); return nil }))
		res, err := send(dial(t, k)(), head(string(nativeBody),
			"X-Kirim-Signature: "+sign(kirimSecret, time.Now(), nativeBody)))
		require.NoError(t, err)
		require.Equal(t, 500, res.StatusCode)
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, "Internal Server Error", string(text))
	})
}

// Over real sockets too, where the kernel and not a pipe carries the bytes.
func TestLoopback(t *testing.T) {
	k := newRig(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{Handler: k}
	go s.Serve(l)
	defer s.Close()
	for _, test := range []struct {
		second string
		code   int
	}{{"X-Other: 1", 200}, {"x-kirim-signature: t=1,v1=00", 400}} {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		res, err := send(c, head(string(nativeBody), "X-KIRIM-SIGNATURE:  "+sign(kirimSecret, time.Now(), nativeBody)+" \t",
			test.second))
		require.NoError(t, err)
		require.Equal(t, test.code, res.StatusCode)
		c.Close()
	}
	require.Equal(t, 1, k.runs())
}
