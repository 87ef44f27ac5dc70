//go:build unix

package sender_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

const (
	fewDescriptors = 128
	manyEndpoints  = 400
)

// A process with 128 descriptors delivers to 400 endpoints, and ends nothing for want of them. The process is a child,
// which may have so few.
func TestFewDescriptors(t *testing.T) {
	const marker = "KIRIMHOOKS_FEW_DESCRIPTORS"
	if endpoints := os.Getenv(marker); endpoints != "" {
		limit := syscall.Rlimit{Cur: fewDescriptors, Max: fewDescriptors}
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
		for name, contract := range map[string]sender.Contract{"retries": sender.Kirim(), "sends once": once()} {
			t.Run(name, func(t *testing.T) { deliverToMany(t, contract, strings.Split(endpoints, ","), 0) })
		}
		t.Run("most are taken", func(t *testing.T) { deliverToMany(t, once(), strings.Split(endpoints, ",")[:40], 60) })
		return
	}
	if egress.Descriptors() < 3*manyEndpoints {
		t.Skip("this process may have too few descriptors itself")
	}
	endpoints := make([]string, manyEndpoints)
	for i := range endpoints {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		t.Cleanup(server.Close)
		endpoints[i] = server.URL
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFewDescriptors$", "-test.v")
	cmd.Env = append(os.Environ(), marker+"="+strings.Join(endpoints, ","))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, 3, strings.Count(string(out), "    --- PASS: TestFewDescriptors/"), "%s", out)
}

// deliverToMany delivers two events to each endpoint, while so many descriptors are somebody else's.
func deliverToMany(t *testing.T, contract sender.Contract, endpoints []string, taken int) {
	logs := &lockedBuffer{}
	s, err := sender.New(memstore.New(), sender.Config{
		Contracts: []sender.Contract{contract}, MaxSubscriptions: -1,
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Logger:       slog.New(slog.NewTextHandler(logs, nil)),
	})
	require.NoError(t, err)
	r := &rig{Sender: s, org: s.Org("acme"), logs: logs}
	for _, url := range endpoints {
		r.subscribe(t, url, "*")
	}
	for range taken {
		f, err := os.Open(os.DevNull)
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
	}
	r.run(t)
	const events = 2
	for range events {
		r.publish(t, contactCreated(t))
	}
	done := sender.DeliveryQuery{States: []sender.State{sender.StateDelivered, sender.StateDead}}
	require.Eventually(t, func() bool { return len(r.deliveries(t, done)) == events*len(endpoints) }, time.Minute,
		50*time.Millisecond)
	for _, d := range r.deliveries(t, done) {
		require.Equal(t, sender.StateDelivered, d.State, d.Reason)
		require.Equal(t, 1, d.Attempt)
	}
	if told := strings.Count(logs.String(), "this host cannot send"); taken > 0 {
		require.Equal(t, 1, told)
	}
}
