package sender_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// Every delivery ends, also where it is our own side that fails for ever: tried for days, but not often.
func TestOwnFaultsEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg  func(cfg *sender.Config, c *sender.Contract, tries *atomic.Int64)
		what string
	}{
		"Sign always fails": {func(_ *sender.Config, c *sender.Contract, tries *atomic.Int64) {
			c.Sign = func(http.Header, sender.Outgoing) error { tries.Add(1); return errors.New("no HSM") }
		}, "it could not be signed"},
		"Classify panics": {func(_ *sender.Config, c *sender.Contract, tries *atomic.Int64) {
			c.Classify = func(sender.Result) sender.Verdict { tries.Add(1); panic("oops") }
		}, "its contract panicked"},
		"Sign panics in a contract that sends once": {func(_ *sender.Config, c *sender.Contract, tries *atomic.Int64) {
			c.Schedule = sender.Once
			c.Sign = func(http.Header, sender.Outgoing) error { tries.Add(1); panic("oops") }
		}, "its contract panicked"},
		"a Sealer refuses": {func(cfg *sender.Config, _ *sender.Contract, tries *atomic.Int64) {
			cfg.Sealer = sealer{tries}
		}, "it could not be signed"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var tries, told atomic.Int64
				contract, cfg := sender.Kirim(), sender.Config{}
				tt.cfg(&cfg, &contract, &tries)
				cfg.Contracts = []sender.Contract{contract}
				cfg.Hooks.Finished = func(context.Context, sender.Delivery) { told.Add(1) }
				r := newRig(t, statuses(200), cfg)
				sub, _ := r.subscribe(t, "https://example.com/", "*")
				r.publish(t, contactCreated(t))
				time.Sleep(48 * time.Hour)
				require.Equal(t, sender.StatePending, r.only(t).State, "it may be mended")
				time.Sleep(48 * time.Hour)
				requireOwnFault(t, r, tt.what)
				require.LessOrEqual(t, tries.Load(), int64(150))
				require.EqualValues(t, 1, told.Load())
				require.Equal(t, sender.StatusActive, r.status(t, sub.ID), "the endpoint had no part in it")
			})
		})
	}
}

// sealer opens nothing and counts.
type sealer struct{ tries *atomic.Int64 }

func (sealer) Seal(_ context.Context, _ string, plain []byte) ([]byte, error) { return plain, nil }
func (s sealer) Open(context.Context, string, []byte) ([]byte, error) {
	s.tries.Add(1)
	return nil, errors.New("no key")
}

func requireOwnFault(t *testing.T, r *rig, what string) {
	t.Helper()
	d := r.only(t)
	require.Equal(t, sender.StateDead, d.State)
	require.Regexp(t, `^internal error, \d+ times since 2000-01-0\dT\d\d:\d\d:\d\dZ: `+what+`$`, d.Reason)
	explained, err := r.org.Explain(t.Context(), d.EventID)
	require.NoError(t, err)
	require.Equal(t, d.Reason, explained[0].Why)
}

// Restarts and other processes go on counting, and so does a contract that none of them has.
func TestOwnFaultsEndOverRestartsAndProcesses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := memstore.New()
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.stop()
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		other := sender.Kirim()
		other.Name = "another"
		claims := 0
		for range 100 {
			a := newRigOn(t, store, statuses(200), sender.Config{Contracts: []sender.Contract{other}})
			b := newRigOn(t, store, statuses(200), sender.Config{Contracts: []sender.Contract{other}})
			time.Sleep(time.Hour)
			a.stop()
			b.stop()
			claims += len(a.logs.times(t, "attempt could not be made")) + len(b.logs.times(t, "attempt could not be made"))
		}
		requireOwnFault(t, r, `no contract "kirim"`)
		require.LessOrEqual(t, claims, 150)
	})
}

// A fault that is mended leaves nothing behind: the attempt is the first, and a later fault begins a row of its own.
func TestOwnFaultThatIsMended(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		contract := sender.Kirim()
		sign := contract.Sign
		contract.Sign = func(h http.Header, o sender.Outgoing) error {
			if broken.Load() {
				return errors.New("no HSM")
			}
			return sign(h, o)
		}
		r := newRig(t, statuses(503, 200), sender.Config{Contracts: []sender.Contract{contract}})
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, contactCreated(t))
		time.Sleep(71 * time.Hour)
		broken.Store(false)
		for len(r.far.requests()) == 0 {
			time.Sleep(time.Second)
		}
		broken.Store(true)
		time.Sleep(71 * time.Hour)
		require.Equal(t, sender.StatePending, r.only(t).State)
		broken.Store(false)
		time.Sleep(5 * time.Hour)
		d := r.only(t)
		require.Equal(t, sender.StateDelivered, d.State)
		require.Equal(t, 2, d.Attempt)
	})
}
