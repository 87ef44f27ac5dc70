package sender_test

import (
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

func dialError(call string, err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError(call, err)}
}

// What is wrong with this host consumes no attempt, also of a contract that has only one. It is told once, however many
// deliveries meet it, and the backlog is not turned over in vain.
func TestFaultsOfThisHostConsumeNoAttempt(t *testing.T) {
	for name, fault := range map[string]error{
		"EMFILE":       dialError("socket", syscall.EMFILE),
		"ENFILE":       dialError("socket", syscall.ENFILE),
		"ENOBUFS":      dialError("connect", syscall.ENOBUFS),
		"ENOMEM":       dialError("socket", syscall.ENOMEM),
		"ENETDOWN":     dialError("connect", syscall.ENETDOWN),
		"certificates": x509.SystemRootsError{},
	} {
		for dialect, contract := range map[string]sender.Contract{"kirim": sender.Kirim(), "once": once()} {
			t.Run(name+" "+dialect, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					var broken atomic.Bool
					broken.Store(true)
					var tries atomic.Int64
					far := &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
						if broken.Load() {
							tries.Add(1)
							return nil, fault
						}
						return reply(200), nil
					}}
					r := newRig(t, far, sender.Config{Contracts: []sender.Contract{contract}, Workers: 32})
					sub, _ := r.subscribe(t, "https://example.com/", "*")
					const n = 200
					for range n {
						r.publish(t, contactCreated(t))
					}
					time.Sleep(20 * time.Minute)
					require.LessOrEqual(t, tries.Load(), int64(32*20*60/5+n))
					require.Equal(t, 1, strings.Count(r.logs.String(), "level=ERROR"))
					require.Len(t, r.logs.times(t, "this host cannot send"), 1)
					broken.Store(false)
					time.Sleep(5 * time.Minute)
					for _, d := range r.deliveries(t, sender.DeliveryQuery{}) {
						require.Equal(t, sender.StateDelivered, d.State)
						require.Equal(t, 1, d.Attempt)
					}
					require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
				})
			})
		}
	}
}

func once() sender.Contract {
	c := sender.Kirim()
	c.Schedule = sender.Once
	return c
}

// A fault that stands behind a connection is the endpoint's, or nobody knows: the request may be out.
func TestFaultsOnAConnectionAreAttempts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		far := &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.ENOBUFS)}
		}}
		r := newRig(t, far, sender.Config{Contracts: []sender.Contract{once()}})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(time.Minute)
		require.Equal(t, sender.StateDead, r.only(t).State)
		require.Len(t, far.requests(), 1)
	})
}
