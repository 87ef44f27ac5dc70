package harness

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

const workerHeader = "X-Worker"

// Timeout of an attempt. A lease has to be longer, as a Sender would see to.
const Timeout = 500 * time.Millisecond

// waits are exact, so that the parent can tell when an attempt was due.
var waits = func() (w sender.Waits) {
	for n := range 8 {
		w = append(w, time.Duration(200+50*n)*time.Millisecond)
	}
	return w
}()

// config is that of every worker, and of the parent, whose Sender never runs. Its attempts say who makes them.
func config(worker string) sender.Config {
	contract := sender.Kirim()
	contract.Timeout = Timeout
	contract.Schedule = waits
	contract.Jitter = -1
	contract.Disable = func(sender.Health) bool { return false }
	sign := contract.Sign
	contract.Sign = func(h http.Header, o sender.Outgoing) error {
		h.Set(workerHeader, worker)
		return sign(h, o)
	}
	return sender.Config{
		Contracts:    []sender.Contract{contract},
		Workers:      32,
		PollInterval: 250 * time.Millisecond,
		StoreTimeout: 2 * time.Second,
		MaxLapses:    maxLapses,
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Worker:       worker,
	}
}

const maxLapses = 5
