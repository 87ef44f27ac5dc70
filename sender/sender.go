package sender

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/internal/batcher"
	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
)

// Sender delivers events to webhook subscriptions. All its methods may be called concurrently. Make one with [New].
type Sender struct {
	cfg       Config
	store     boundedStore
	transport http.RoundTripper
	policy    egress.Policy
	vault     *vault
	limiter   *limiter.Limiter[job]
	publisher *batcher.Batcher[driver.Publication, driver.Enqueued]
	trouble   trouble                // with the store
	warnings  warnings               // of Hooks.Failing
	host      hostTrouble            // with this host
	runner    atomic.Pointer[runner] // of the Run in progress
	ran       atomic.Bool            // Run has been called
	later     chan activation        // subscriptions to activate once a transaction has committed
}

// New makes a Sender on store. It starts nothing: publish and test at once, deliver with Run. A faulty cfg is refused
// with all that is wrong with it.
func New(store Store, cfg Config) (*Sender, error) {
	if store == nil {
		return nil, errors.New("sender: store: required; memstore.New() keeps everything in memory")
	}
	cfg = cfg.withDefaults(store)
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if n := egress.Descriptors(); n > 0 && cfg.Transport == nil {
		cfg.Workers = min(cfg.Workers, max(1, n/2)) // idle connections have a quarter, and the host the rest
	}
	s := &Sender{
		cfg:       cfg,
		store:     boundedStore{store, cfg.StoreTimeout},
		transport: cfg.Transport,
		policy: egress.Policy{
			Allow: slices.Clone(cfg.AllowPrivate), Ports: slices.Clone(cfg.AllowPorts), NAT64: slices.Clone(cfg.NAT64),
		},
		vault:   newVault(cfg.Sealer, cfg.StoreTimeout),
		limiter: limiter.New[job](cfg.Workers, cfg.PerSubscription),
		later:   make(chan activation, 1000),
	}
	s.publisher = newPublisher(s)
	if s.transport == nil {
		s.transport = egress.NewTransport(s.policy, egress.Options{IdlePerHost: cfg.Workers, Proxy: cfg.EgressProxy})
	}
	return s, nil
}

// Org returns the handle of one tenant. Every call on it is confined to that org, and there is no other way to reach
// a subscription, an event or a delivery. Making one costs nothing; id is 1 to 255 printable ASCII characters, and
// nothing can be subscribed or published under another.
func (s *Sender) Org(id string) *Org { return &Org{s: s, id: id} }

func (s *Sender) contract(name string) *Contract {
	for i := range s.cfg.Contracts {
		if s.cfg.Contracts[i].Name == name {
			return &s.cfg.Contracts[i]
		}
	}
	return nil
}

// Contracts returns the contracts that this Sender delivers, their defaults filled in; the first is a subscription's
// default. What they refer to is the Sender's own and must not be modified.
func (s *Sender) Contracts() []Contract { return slices.Clone(s.cfg.Contracts) }

// deliveryPrefix stands before the ids that the store makes, wherever a person or an endpoint sees them.
const deliveryPrefix = "wbd_"

// shown is a delivery as people see it.
func shown(d Delivery) Delivery {
	d.ID = deliveryPrefix + d.ID
	if d.ReplayedFrom != "" {
		d.ReplayedFrom = deliveryPrefix + d.ReplayedFrom
	}
	if d.ReplayedBy != "" {
		d.ReplayedBy = deliveryPrefix + d.ReplayedBy
	}
	return d
}

// stored is the id of a delivery as the store knows it.
func stored(deliveryID string) string { return strings.TrimPrefix(deliveryID, deliveryPrefix) }
