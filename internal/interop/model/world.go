package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// world is what must be: plain maps and lists that say what every call and every request should have done.
type world struct {
	subs       []*sub
	events     map[string]*event // by org and id
	deliveries []*delivery
	byID       map[string]*delivery // by the id the library gave
}

type sub struct {
	name    string // "s1"
	org, id string
	events  []string
	url     string
	status  sender.Status
	gone    bool
	secrets []secret  // newest first
	deads   int       // in a row
	left    time.Time // when it last stopped being active: a claim of before may wait for a while until it is sent
	changed time.Time // when health last changed its status: what was claimed at that instant may still be sent

	// Of the programs on a store alone.
	topics  []string
	version int64
	failing time.Time // when the first of deads was settled
}

type secret struct {
	text    string
	expires time.Time // zero: never
}

func (s secret) active(at time.Time) bool { return s.expires.IsZero() || at.Before(s.expires) }

// sealedAs says whether records are the secrets of s, bit for bit and in their order.
func (s *sub) sealedAs(records []driver.SecretRecord) bool {
	return slices.EqualFunc(s.secrets, records, func(want secret, have driver.SecretRecord) bool {
		return want.text == string(have.Sealed) && want.expires.Equal(have.ExpiresAt)
	})
}

type event struct {
	org, id, typ, source string
	body                 []byte
	published            time.Time
}

func (e *event) key() string { return e.org + " " + e.id }

type delivery struct {
	name     string // "d1"
	id       string // as the library gave it, without "wbd_"
	event    *event
	sub      *sub
	test     bool
	replayed *delivery
	state    sender.State // pending or finished; never held
	attempt  int
	lapses   int
	created  time.Time
	due      time.Time
	ended    time.Time
	log      []attempt
	unread   bool // log changed since it was compared

	token   string    // of the last claim; "" if it was settled
	since   time.Time // when that claim was made
	until   time.Time
	ending  bool // it was cancelled: at once, or it is when its attempt is over
	vague   bool // the store ended it with a lapsed lease: the moment, and the answer to its worker, are free
	asked   bool // a request was made under this claim
	request requested
}

// attempt is what the log must say of one.
type attempt struct {
	n, status int
	class     string
}

func newWorld() *world {
	return &world{events: map[string]*event{}, byID: map[string]*delivery{}}
}

func (w *world) living() []*sub {
	var living []*sub
	for _, s := range w.subs {
		if !s.gone {
			living = append(living, s)
		}
	}
	return living
}

// wants says whether s is subscribed to events of that type.
func (s *sub) wants(typ string) bool {
	for _, pattern := range s.events {
		prefix, star := strings.CutSuffix(pattern, "*")
		if pattern == typ || star && strings.HasPrefix(typ, prefix) {
			return true
		}
	}
	return false
}

// add makes a delivery.
func (w *world) add(d delivery) {
	d.name = fmt.Sprint("d", len(w.deliveries)+1)
	d.state = sender.StatePending
	w.deliveries = append(w.deliveries, &d)
	w.byID[d.id] = &d
}

// leased reports whether somebody may still be at work on d.
func (d *delivery) leased(at time.Time) bool { return d.token != "" && at.Before(d.until) }

func (d *delivery) finished() bool { return d.state != sender.StatePending }

// shown is the state as people must see it.
func (d *delivery) shown() sender.State {
	switch {
	case d.finished():
		return d.state
	case d.sub.gone:
		return sender.StateCancelled
	case d.sub.status != sender.StatusActive && !d.test:
		return sender.StateHeld
	}
	return sender.StatePending
}

// repeatable says whether a Replay by filter must make a new delivery: no later one of the event and subscription may
// stand for d.
func (w *world) repeatable(d *delivery, selected func(*delivery) bool) bool {
	if !d.finished() || d.sub.gone || !selected(d) {
		return false
	}
	later := false
	for _, r := range w.deliveries {
		if later && r.event == d.event && r.sub == d.sub &&
			(!r.finished() || r.state == sender.StateDelivered || selected(r)) {
			return false
		}
		later = later || r == d
	}
	return true
}

// replayable says whether a Replay by name must make a new delivery.
func (w *world) replayable(d *delivery) bool {
	if !d.finished() || d.sub.gone {
		return false
	}
	for _, r := range w.deliveries {
		if r.replayed == d && !r.finished() {
			return false
		}
	}
	return true
}

func (d *delivery) String() string {
	text := fmt.Sprintf("%s (%s of %s to %s, %s", d.name, d.event.id, d.event.org, d.sub.name, d.shown())
	if d.test {
		text += ", test"
	}
	if d.replayed != nil {
		text += ", replay of " + d.replayed.name
	}
	return text + fmt.Sprintf(", %d attempts)", d.attempt)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
