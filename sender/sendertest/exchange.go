package sendertest

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"syscall"
	"testing"
)

// exchange is one request and the answer to it, a [http.ResponseWriter] on one side and a [http.Response] on the other.
// As in net/http's server, the head waits for a Flush, for more of the body than a buffer holds, or for the handler's
// return.
type exchange struct {
	request    *http.Request
	ctx        context.Context // ends with the connection, whoever breaks it, and with the test
	hangUp     context.CancelCauseFunc
	headed     chan struct{} // closed when there is a response
	sent       bool          // as headed, for the handler's goroutine
	header     http.Header
	status     int         // 0 until WriteHeader
	sentHeader http.Header // as header was then
	buffer     *bufio.Writer
	write      *io.PipeWriter
	read       *io.PipeReader
	response   *http.Response
}

func newExchange(r *http.Request, test context.Context) *exchange {
	x := &exchange{request: r, headed: make(chan struct{}), header: http.Header{}}
	x.ctx, x.hangUp = context.WithCancelCause(test)
	x.read, x.write = io.Pipe()
	x.buffer = bufio.NewWriterSize(wire{x}, 4<<10)
	stop := context.AfterFunc(r.Context(), func() { x.hangUp(context.Cause(r.Context())) })
	context.AfterFunc(x.ctx, func() {
		stop()
		_ = x.write.CloseWithError(context.Cause(x.ctx))
	})
	return x
}

// await returns the response once its head has arrived, even if the connection broke right after it.
func (x *exchange) await() (*http.Response, error) {
	select {
	case <-x.headed:
	case <-x.ctx.Done():
		select {
		case <-x.headed:
		default:
			return nil, context.Cause(x.ctx)
		}
	}
	return x.response, nil
}

// serve runs the handler. A panic with [http.ErrAbortHandler] breaks the connection, as in a server.
func (x *exchange) serve(t testing.TB, h http.Handler, in *http.Request) {
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	returned := false
	defer func() {
		if v := recover(); v != nil && v != http.ErrAbortHandler {
			t.Errorf("sendertest: a reply panicked: %v\n%s", v, debug.Stack())
		}
		if !returned {
			x.abort()
		}
	}()
	h.ServeHTTP(x, in.WithContext(ctx))
	x.Flush()
	_ = x.write.CloseWithError(context.Cause(x.ctx)) // nil, so the body's end, unless the sender hung up before
	returned = true
}

// abort breaks the connection. If the sender hung up before, its reason stands: a time-out must not turn into a reset.
func (x *exchange) abort() {
	if x.sent {
		x.hangUp(io.ErrUnexpectedEOF)
	} else {
		x.hangUp(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET})
	}
}

// Header implements [http.ResponseWriter].
func (x *exchange) Header() http.Header { return x.header }

// WriteHeader implements [http.ResponseWriter]. Informational answers are passed over.
func (x *exchange) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("%d is no status", status))
	}
	if x.status == 0 && status >= 200 {
		x.status, x.sentHeader = status, x.header.Clone()
	}
}

// Write implements [http.ResponseWriter].
func (x *exchange) Write(p []byte) (int, error) {
	x.WriteHeader(http.StatusOK)
	return x.buffer.Write(p)
}

// Flush implements [http.Flusher].
func (x *exchange) Flush() {
	x.WriteHeader(http.StatusOK)
	x.sendHead()
	_ = x.buffer.Flush() // a sender that hung up shows with the next Write
}

func (x *exchange) sendHead() {
	if x.sent {
		return
	}
	x.sent = true
	x.response = &http.Response{
		StatusCode: x.status,
		Status: fmt.Sprintf("%d %s", x.status,
			cmp.Or(http.StatusText(x.status), fmt.Sprint("status code ", x.status))),
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        x.sentHeader,
		Body:          arrivingBody{x},
		ContentLength: -1,
		Request:       x.request,
	}
	close(x.headed)
}

// wire is what comes out of the buffer.
type wire struct{ x *exchange }

func (w wire) Write(p []byte) (int, error) {
	w.x.sendHead()
	return w.x.write.Write(p)
}

// arrivingBody is the body as the sender reads it.
type arrivingBody struct{ x *exchange }

func (b arrivingBody) Read(p []byte) (int, error) { return b.x.read.Read(p) }

// Close hangs up, unless the body was read to its end.
func (b arrivingBody) Close() error {
	b.x.hangUp(net.ErrClosed)
	return b.x.read.Close()
}
