package harness

import (
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Evidence is what a run leaves behind: accounts of the same events by witnesses that do not know of each other.
type Evidence struct {
	Rules         Rules
	Subscriptions []Subscription
	Publications  []Publication // by the workers
	Claims        []Claim       // by the workers, of what the store gave them
	Pauses        []Pause       // by the owner of the subscriptions
	Requests      []Request     // by the endpoints
	History       []History     // by the store
	Orders        []string      // by the host's own table: the ids of what it published in its transactions
}

// Rules are what the run asked for.
type Rules struct {
	Lease     time.Duration
	Waits     sender.Waits // exact: the contract has no jitter
	MaxLapses int
	// Tick is how far apart the clocks of two witnesses may be. They are on one machine.
	Tick time.Duration
}

// Subscription is where events of Org go if Prefix begins their type.
type Subscription struct{ Org, ID, Prefix string }

func (s *Subscription) wants(p *Publication) bool {
	return s.Org == p.Org && strings.HasPrefix(p.Type, s.Prefix)
}

// Publication is an event that a worker set out to publish.
type Publication struct {
	Org, ID, Type string
	At            time.Time // when it was about to, for the first time
	Host          bool      // in a transaction of the host, beside an order of the same id
	Accepted      bool      // it was told that this is durable
	Withdrawn     bool      // it rolled the transaction back
	Refused       string    // it was told that this can never work, and why
}

// Claim is a lease that the store gave to a worker.
type Claim struct {
	Worker, DeliveryID, Token string
	Asked, Got                time.Time // the call; the lease began in between
	Settled                   time.Time // when the worker first handed the store its outcome; zero: it did not
	Applied, Ended            bool      // the store said that the outcome applied, and that was the end of the delivery
	Told                      time.Time // when it first said so
}

// Pause is a time in which a subscription was paused for certain.
type Pause struct {
	Subscription string
	From, To     time.Time
}

// Request is what an endpoint got.
type Request struct {
	At                                time.Time
	Worker                            string
	Subscription, DeliveryID, EventID string // Subscription by the path, the others by the headers
	Attempt                           int
	Genuine                           bool // the signature is right, and the body is the one published, byte for byte
	Status                            int  // what it answered; 0: nothing
}

// History is what the store says of one delivery.
type History struct {
	sender.Delivery
	Attempts []sender.Attempt
}

func (h *History) terminal() bool {
	return h.State == sender.StateDelivered || h.State == sender.StateDead || h.State == sender.StateCancelled
}

// lapses are the leases that ran out unsettled.
func (h *History) lapses() int {
	n := 0
	for _, a := range h.Attempts {
		if a.ErrorClass == sender.ClassUnknown {
			n++
		}
	}
	return n
}

// nth are the logged attempts of one number.
func (h *History) nth(n int) []sender.Attempt {
	var all []sender.Attempt
	for _, a := range h.Attempts {
		if a.N == n {
			all = append(all, a)
		}
	}
	return all
}

// requestKey names a request as the wire does.
type requestKey struct {
	delivery string
	attempt  int
}

func (e *Evidence) requestsByAttempt() map[requestKey][]Request {
	all := map[requestKey][]Request{}
	for _, r := range e.Requests {
		k := requestKey{r.DeliveryID, r.Attempt}
		all[k] = append(all[k], r)
	}
	return all
}

func (e *Evidence) historyByID() map[string]*History {
	all := make(map[string]*History, len(e.History))
	for i := range e.History {
		all[e.History[i].ID] = &e.History[i]
	}
	return all
}

func (e *Evidence) historyByEvent() map[string][]*History {
	all := map[string][]*History{}
	for i := range e.History {
		h := &e.History[i]
		all[h.EventID] = append(all[h.EventID], h)
	}
	return all
}
