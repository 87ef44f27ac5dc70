package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// TestMain lets a test run the program itself: a copy of the test binary with this variable set is the program.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

func environment(name string) string {
	return map[string]string{kirimVariable: newSecret + " , " + oldSecret, kirisanVariable: kirisanSecret}[name]
}

// lines is a writer that keeps what each call wrote apart.
type lines struct {
	mu   sync.Mutex
	list []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, string(p))
	return len(p), nil
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.list...)
}

// program is a run in this process.
type program struct {
	url  string
	stop func() int // ends it and returns the exit code
}

func start(t *testing.T, stdout io.Writer, args ...string) program {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), environment, stdout, w)
		_ = w.Close()
	}()
	logs := bufio.NewReader(r)
	first, err := logs.ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, logs) }()
	address, found := strings.CutPrefix(strings.TrimSuffix(first, "\n"), "listening on ")
	require.True(t, found, first)
	require.Regexp(t, `^http://127\.0\.0\.1:[1-9][0-9]*$`, address)
	stop := sync.OnceValue(func() int {
		cancel()
		return <-code
	})
	t.Cleanup(func() { stop() })
	return program{address + "/webhooks", stop}
}

// post sends a request made for a test to a real address and returns the answer's status.
func post(t *testing.T, url string, r *http.Request) int {
	status, err := send(url, r)
	require.NoError(t, err)
	return status
}

func send(url string, r *http.Request) (int, error) {
	u, err := r.URL.Parse(url)
	if err != nil {
		return 0, err
	}
	r.URL, r.Host = u, u.Host
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

func contactCreated(t *testing.T) envelope.Event {
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: "ctc_1"}})
	require.NoError(t, err)
	return ev
}

func kirimRequest(t *testing.T, ev envelope.Event) *http.Request {
	return receivertest.Kirim(t, signature.NewSecret(oldSecret), ev)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// The program as it is run: flags, environment, first line, signal, exit code.
func TestProgram(t *testing.T) {
	program := exec.Command(os.Args[0], "-addr", "127.0.0.1:0", "-path", "/in")
	program.Env = append(os.Environ(), "BE_THE_PROGRAM=1", kirimVariable+"="+newSecret+","+oldSecret)
	var stdout bytes.Buffer
	program.Stdout = &stdout
	stderr, err := program.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	t.Cleanup(func() { _ = program.Process.Kill() })
	logs := bufio.NewReader(stderr)
	first, err := logs.ReadString('\n')
	require.NoError(t, err)
	address, found := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	require.True(t, found, first)
	require.Equal(t, 200, post(t, address+"/in", kirimRequest(t, contactCreated(t))))
	require.NoError(t, program.Process.Signal(syscall.SIGTERM))
	_, err = io.Copy(io.Discard, logs)
	require.NoError(t, err)
	require.NoError(t, program.Wait(), "exit code 0")
	require.Equal(t, 1, strings.Count(stdout.String(), "\n"))
}
