package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is the program as a process of its own.
type process struct {
	*client
	cmd    *exec.Cmd
	lines  *bufio.Reader // its stderr
	stderr <-chan string // all that it wrote, when it has ended
}

func startProcess(t *testing.T, args ...string) *process {
	p := launch(t, args...)
	p.ready()
	return p
}

// launch starts a process and does not wait until it listens.
func launch(t *testing.T, args ...string) *process {
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, append([]string{"-addr", "127.0.0.1:0", "-allow-private", "-store", "memory"}, args...)...)
	cmd.Env = append(os.Environ(), "BE_THE_PROGRAM=1")
	pipe, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // where the test did not come to its end
	var all bytes.Buffer
	lines, tee := io.Pipe()
	ended := make(chan string, 1)
	go func() {
		_, _ = io.Copy(io.MultiWriter(&all, tee), pipe)
		_ = tee.Close()
		ended <- all.String()
	}()
	return &process{&client{t: t}, cmd, bufio.NewReader(lines), ended}
}

// ready waits until the process listens.
func (p *process) ready() { p.base = listening(p.t, p.lines) }

// wait returns what the process wrote, and how it ended.
func (p *process) wait() (stderr string, err error) {
	p.t.Helper()
	select {
	case stderr = <-p.stderr:
	case <-time.After(patience):
		require.FailNow(p.t, "the process does not end")
	}
	return stderr, p.cmd.Wait()
}

// On SIGTERM no call is taken any more, and the attempt in flight ends well.
func TestTerminationDrains(t *testing.T) { eachStore(t, testTerminationDrains) }

func testTerminationDrains(t *testing.T, store string) {
	arrived, release, cut := make(chan struct{}), make(chan struct{}), make(chan bool, 1)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // so that the server notices a client that goes away
		close(arrived)
		<-release
		cut <- r.Context().Err() != nil
	}))
	defer h.Close()
	p := startProcess(t, "-store", store)
	p.subscribe(h.URL, `["*"]`)
	p.publish("evt_1", "a.b")
	<-arrived
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.refusesCalls()
	require.Empty(t, p.stderr, "it waits for the attempt")
	close(release)
	stderr, err := p.wait()
	require.NoError(t, err, stderr)
	require.False(t, <-cut)
	require.True(t, strings.HasPrefix(stderr, "listening on http://127.0.0.1:"), stderr)
	require.Contains(t, stderr, "stopped")
	if store != "memory" {
		d := start(t, "-store", store).list("webhook_deliveries")
		require.Equal(t, "delivered", d[0]["status"], "its outcome is written")
	}
}

// refusesCalls waits until nobody can call the process any more.
func (p *process) refusesCalls() {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.base, "http://"))
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, patience, time.Millisecond)
}

// lateBody is the body of a call that has begun and goes on when it is released.
type lateBody struct {
	io.Reader
	begun, release chan struct{}
	once           sync.Once
}

func (b *lateBody) Read(p []byte) (int, error) {
	b.once.Do(func() {
		close(b.begun)
		<-b.release
	})
	return b.Reader.Read(p)
}

// As long as calls are under way after SIGTERM, events go out; what the last of them publishes goes out at once or by
// the next process.
func TestTerminationFinishesCalls(t *testing.T) {
	h := newHook(t, 200)
	store := "sqlite:" + filepath.Join(t.TempDir(), "platform.db")
	p := startProcess(t, "-store", store)
	p.subscribe(h.URL, `["*"]`)
	first, last := p.publishLate("evt_1"), p.publishLate("evt_2")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.refusesCalls()
	require.Equal(t, 201, first())
	require.Equal(t, "evt_1", h.next(t).header.Get("X-Kirim-Event-Id"))
	require.Equal(t, 201, last())
	stderr, err := p.wait()
	require.NoError(t, err, stderr)
	start(t, "-store", store)
	require.Equal(t, "evt_2", h.next(t).header.Get("X-Kirim-Event-Id"))
}

// publishLate begins a call that publishes an event. finish sends the rest of it and returns the status.
func (p *process) publishLate(id string) (finish func() int) {
	body := &lateBody{
		Reader: strings.NewReader(`{"source":"kirim","type":"a.b","body":` + native(id, "a.b") + `}`),
		begun:  make(chan struct{}), release: make(chan struct{}),
	}
	r, err := http.NewRequest("POST", p.base+"/v1/events", body)
	require.NoError(p.t, err)
	r.Header.Set("Expect", "100-continue") // the body begins once the server asks for it
	status := make(chan int, 1)
	go func() {
		answer, err := (&http.Transport{ExpectContinueTimeout: patience}).RoundTrip(r)
		if err == nil {
			status <- answer.StatusCode
			_ = answer.Body.Close()
		}
		close(status)
	}()
	<-body.begun
	return func() int {
		close(body.release)
		return <-status
	}
}

func TestCommandLine(t *testing.T) {
	for _, x := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"-h"}, 0, []string{"usage: platform", "-allow-private", "-schedule"}},
		{[]string{"-port", "1"}, 2, []string{"-port"}},
		{[]string{"extra"}, 2, []string{"extra", "-h"}},
		{[]string{"-store", "mysql://user:sesame@host/db", "-schedule", "1s,soon", "-contract", "meta"}, 2,
			[]string{"-store: must be", "-schedule", `"soon"`, `-contract "meta"`}},
		{[]string{"-store", "sqlite:"}, 2, []string{"-store: must be"}},
		{[]string{"-store", "memory:x"}, 2, []string{"-store: must be"}},
		{[]string{"-schedule", "-1s"}, 2, []string{"-schedule"}},
		{[]string{"-schedule", "1s,"}, 2, []string{"-schedule"}},
		{[]string{"-contract", ""}, 2, []string{"-contract"}},
		{[]string{"-contract", "kirim,kirim"}, 2, []string{"stands twice"}},
		{[]string{"-sample", "-contract", "kirisan"}, 2, []string{"-sample", "kirim"}},
		{[]string{"-store", "memory", "-addr", "256.0.0.1:0"}, 1, []string{"give another -addr"}},
	} {
		var stderr bytes.Buffer
		require.Equal(t, x.code, run(t.Context(), x.args, &stderr), x.args)
		for _, text := range x.says {
			require.Contains(t, stderr.String(), text, x.args)
		}
		require.NotContains(t, stderr.String(), "sesame")
	}
}

func TestOptions(t *testing.T) {
	o, err := parse([]string{"-schedule", "1s, 90m"}, io.Discard)
	require.NoError(t, err)
	require.Empty(t, o.allow)
	require.Equal(t, "127.0.0.1:8080", o.addr)
	require.Contains(t, o.said, "platform.db", "it is durable, and says where")
	require.Len(t, o.contracts, 1)
	c := o.contracts[0]
	require.Equal(t, "kirim", c.Name)
	require.Negative(t, c.Jitter, "waits that were asked for are kept")
	for n, want := range []time.Duration{time.Second, 90 * time.Minute} {
		wait, again := c.Schedule.Wait(n + 1)
		require.True(t, again)
		require.Equal(t, want, wait)
	}
	_, again := c.Schedule.Wait(3)
	require.False(t, again)

	o, err = parse([]string{"-contract", "kirisan,kirim"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "kirisan", o.contracts[0].Name)
	_, again = o.contracts[1].Schedule.Wait(8)
	require.True(t, again, "the contract's own schedule")
}
