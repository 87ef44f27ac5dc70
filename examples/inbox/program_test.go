package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/internal/mysqltest"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
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

const secret = "whsec_of_the_inbox_0123456789"

// stores are one of each kind, as -store takes them.
var stores = map[string]func(t *testing.T) string{
	"sqlite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "a b.db") },
	"postgres": func(t *testing.T) string {
		u, err := url.Parse(pgtest.DSN(t))
		require.NoError(t, err)
		u.Path = "/" + pgtest.Database(t)
		return u.String()
	},
	"mysql": func(t *testing.T) string {
		user, host, _ := strings.Cut(strings.TrimSuffix(mysqltest.DSN(t), ")/"), "@tcp(")
		return "mysql://" + user + "@" + host + "/" + mysqltest.Database(t)
	},
}

// process is the program in a process of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	desk   string // the dashboard's; "" without -console
	mu     sync.Mutex
	ids    map[string]int
	lanes  []string
	output sync.WaitGroup
	logs   bytes.Buffer
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, ids: map[string]int{}}
	p.cmd = exec.Command(os.Args[0], append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	p.cmd.Env = append(os.Environ(), "BE_THE_PROGRAM=1", kirimVariable+"="+secret)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { p.cmd.Process.Kill(); p.wait() })
	logs := bufio.NewReader(stderr)
	first, err := logs.ReadString('\n')
	require.NoError(t, err, first)
	address, found := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	require.True(t, found, first)
	p.url = address + "/webhooks"
	if slices.Contains(args, "-console") {
		second, err := logs.ReadString('\n')
		require.NoError(t, err, second)
		p.desk, found = strings.CutPrefix(strings.TrimSpace(second), "dashboard at ")
		require.True(t, found, second)
	}
	p.output.Go(func() { io.Copy(&p.logs, logs) })
	p.output.Go(func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.read(lines.Bytes())
		}
	})
	return p
}

func (p *process) read(text []byte) {
	var l line
	if json.Unmarshal(text, &l) != nil {
		return // cut off by a kill
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids[l.ID]++
	p.lanes = append(p.lanes, l.ID)
}

func (p *process) printed(id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ids[id]
}

func (p *process) wait() error {
	p.output.Wait()
	return p.cmd.Wait()
}

// send posts an event and returns the status.
func (p *process) send(id, contact string) int {
	p.t.Helper()
	const body = `{"id":%q,"type":"contact.updated","data":{"contact":{"id":%q}}}`
	ev, err := kirim.ParseEvent(fmt.Appendf(nil, body, id, contact))
	require.NoError(p.t, err)
	r := receivertest.Kirim(p.t, signature.NewSecret(secret), ev)
	r.RequestURI = ""
	r.URL, err = url.Parse(p.url)
	require.NoError(p.t, err)
	response, err := http.DefaultClient.Do(r)
	require.NoError(p.t, err)
	require.NoError(p.t, response.Body.Close())
	return response.StatusCode
}

// look asks for a page, or sends a form that cancels.
func (p *process) look(method, page string) (code int, text string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, page, strings.NewReader("do=cancel"))
	require.NoError(p.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	require.NoError(p.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	return response.StatusCode, string(body)
}

func (p *process) terminate() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(p.t, p.wait(), p.logs.String())
}
