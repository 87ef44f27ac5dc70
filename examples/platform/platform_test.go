package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMain lets a test run the program itself: a copy of the test binary with this variable set is the program.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// patience bounds every wait of these tests; none takes long unless it fails.
const patience = time.Minute

// client calls a platform, in the name of an org.
type client struct {
	t    *testing.T
	base string
	org  string
}

// start runs the program in this process until the test ends.
func start(t *testing.T, args ...string) *client {
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"-addr", "127.0.0.1:0", "-allow-private", "-store", "memory"}, args...), w)
		_ = w.Close()
	}()
	base := listening(t, bufio.NewReader(r))
	t.Cleanup(func() {
		cancel()
		require.Zero(t, <-code)
	})
	return &client{t: t, base: base}
}

// listening reads the first line of a program's stderr, and lets the others go by.
func listening(t *testing.T, stderr *bufio.Reader) (base string) {
	first, err := stderr.ReadString('\n')
	require.NoError(t, err, first)
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	address, found := strings.CutPrefix(strings.TrimSuffix(first, "\n"), "listening on ")
	require.True(t, found, first)
	require.Regexp(t, `^http://127\.0\.0\.1:[1-9][0-9]*$`, address)
	return address
}

func (c *client) as(org string) *client { return &client{c.t, c.base, org} }

// send makes a call and returns its status and the text of its answer.
func (c *client) send(method, path, body string) (int, string) {
	r, err := http.NewRequest(method, c.base+"/v1/"+path, strings.NewReader(body))
	require.NoError(c.t, err)
	if c.org != "" {
		r.Header.Set("X-Org", c.org)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(c.t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, "application/json", answer.Header.Get("Content-Type"), "%s %s", method, path)
	return answer.StatusCode, string(text)
}

// object is a JSON object of an answer.
type object = map[string]any

// call makes a call that must have this status, and returns the whole answer.
func (c *client) call(want int, method, path, body string) object {
	c.t.Helper()
	status, text := c.send(method, path, body)
	require.Equal(c.t, want, status, text)
	var o object
	require.NoError(c.t, json.Unmarshal([]byte(text), &o))
	return o
}

// data is what a call answers below "data".
func (c *client) data(want int, method, path, body string) object {
	c.t.Helper()
	return c.call(want, method, path, body)["data"].(object)
}

// list is the list that a call answers.
func (c *client) list(path string) []object {
	c.t.Helper()
	return objects(c.call(200, "GET", path, "")["data"])
}

func objects(list any) []object {
	all := []object{}
	for _, o := range list.([]any) {
		all = append(all, o.(object))
	}
	return all
}

// await lists until there are deliveries, all of that status.
func (c *client) await(status, path string) []object {
	c.t.Helper()
	var found []object
	require.Eventually(c.t, func() bool {
		found = c.list(path)
		for _, d := range found {
			if d["status"] != status {
				return false
			}
		}
		return len(found) > 0
	}, patience, 2*time.Millisecond)
	return found
}

// subscribe makes a subscription and returns its id and secret.
func (c *client) subscribe(url, events string) (id, secret string) {
	c.t.Helper()
	d := c.data(201, "POST", "webhook_subscriptions", `{"url":`+quote(url)+`,"events":`+events+`}`)
	return d["id"].(string), d["initial_secret"].(string)
}

// publish publishes a native event of an id and type.
func (c *client) publish(id, eventType string) object {
	c.t.Helper()
	return c.data(201, "POST", "events", `{"source":"kirim","type":`+quote(eventType)+`,"body":`+native(id, eventType)+`}`)
}

func native(id, eventType string) string {
	return `{"id":` + quote(id) + `,"type":` + quote(eventType) +
		`,"created_at":"2026-07-02T00:00:00Z","livemode":true,"data":{"n":1}}`
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// hook is an endpoint that answers with one status and keeps what it got.
type hook struct {
	*httptest.Server
	got chan request

	mu     sync.Mutex
	status int
}

type request struct {
	header http.Header
	body   string
}

func newHook(t *testing.T, status int) *hook {
	h := &hook{status: status, got: make(chan request, 5000)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		h.mu.Lock()
		status := h.status
		h.mu.Unlock()
		w.WriteHeader(status)
		h.got <- request{r.Header, string(body)}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) answers(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// next waits for a request.
func (h *hook) next(t *testing.T) request {
	t.Helper()
	select {
	case r := <-h.got:
		return r
	case <-time.After(patience):
		require.FailNow(t, "no request came")
		return request{}
	}
}
