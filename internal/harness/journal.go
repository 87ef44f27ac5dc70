package harness

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Journal is the file of one slot, whose workers come one after the other. They write what they are about to do and
// what they were told, line by line. A line is one write, so that a kill leaves it whole or not at all.
type Journal struct {
	mu   sync.Mutex
	file *os.File
}

// entry is one line.
type entry struct {
	Op       string    // one of the below
	At       time.Time `json:",omitzero"`
	Worker   string    `json:",omitempty"`
	Org      string    `json:",omitempty"`
	Event    string    `json:",omitempty"`
	Type     string    `json:",omitempty"`
	Host     bool      `json:",omitempty"`
	Delivery string    `json:",omitempty"`
	Token    string    `json:",omitempty"`
	Asked    time.Time `json:",omitzero"`
	Ended    bool      `json:",omitempty"`
	Error    string    `json:",omitempty"`
}

const (
	opIntended  = "intended"  // about to publish Event
	opAccepted  = "accepted"  // Event is durable, says the library
	opWithdrawn = "withdrawn" // the transaction of Event is rolled back
	opRefused   = "refused"   // Event can never be published, says the library
	opClaimed   = "claimed"   // Delivery is leased to Worker under Token
	opSettling  = "settling"  // about to hand over the outcome
	opSettled   = "settled"   // it applied, says the store; Ended: and was the last
)

// OpenJournal opens the file to write at its end.
func OpenJournal(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("harness: journal: %w", err)
	}
	return &Journal{file: f}, nil
}

// write writes lines in one go. A worker that cannot keep its journal must not go on, since its evidence would be
// taken for a fault of the library.
func (j *Journal) write(entries ...entry) {
	var lines []byte
	now := time.Now()
	for _, e := range entries {
		if e.At.IsZero() {
			e.At = now
		}
		line, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(lines); err != nil {
		panic(err)
	}
}

// sync writes e and waits for the disk.
func (j *Journal) sync(e entry) {
	j.write(e)
	if err := j.file.Sync(); err != nil {
		panic(err)
	}
}

// claimed notes leases, before anybody can act on them.
func (j *Journal) claimed(worker string, asked time.Time, claims []driver.Claim) {
	entries := make([]entry, len(claims))
	for i := range claims {
		entries[i] = entry{Op: opClaimed, Worker: worker, Delivery: public(claims[i].Delivery.ID), Token: claims[i].Token,
			Asked: asked}
	}
	j.write(entries...)
}

// settling notes outcomes, before the store can know of them.
func (j *Journal) settling(outcomes []driver.Outcome) {
	entries := make([]entry, len(outcomes))
	for i := range outcomes {
		entries[i] = entry{Op: opSettling, Delivery: public(outcomes[i].DeliveryID), Token: outcomes[i].Token}
	}
	j.write(entries...)
}

// settled notes which outcomes applied.
func (j *Journal) settled(outcomes []driver.Outcome, settled []driver.Settled) {
	var entries []entry
	for i := range settled {
		if o := &outcomes[i]; settled[i].Applied {
			entries = append(entries, entry{Op: opSettled, Delivery: public(o.DeliveryID), Token: o.Token,
				Ended: o.State != sender.StatePending})
		}
	}
	j.write(entries...)
}

// public is a delivery's id as endpoints and people see it.
func public(id string) string { return "wbd_" + id }

// readJournal reads what workers wrote; a file that is not there is empty.
func readJournal(path string) ([]entry, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("harness: journal: %w", err)
	}
	defer f.Close()
	var entries []entry
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("harness: journal %s line %d: %w", path, len(entries)+1, err)
		}
		entries = append(entries, e)
	}
	return entries, lines.Err()
}

// account turns the lines of a journal into what they say.
func account(entries []entry) (publications []Publication, claims []Claim) {
	type lease struct{ delivery, token string }
	events, leases := map[string]int{}, map[lease]int{}
	claim := func(e entry) *Claim {
		i, known := leases[lease{e.Delivery, e.Token}]
		if !known {
			return new(Claim) // of a line that is not there; nobody asks for it
		}
		return &claims[i]
	}
	for _, e := range entries {
		switch e.Op {
		case opIntended:
			if _, known := events[e.Event]; !known {
				events[e.Event] = len(publications)
				publications = append(publications, Publication{Org: e.Org, ID: e.Event, Type: e.Type, At: e.At, Host: e.Host})
			}
		case opAccepted:
			publications[events[e.Event]].Accepted = true
		case opWithdrawn:
			publications[events[e.Event]].Withdrawn = true
		case opRefused:
			publications[events[e.Event]].Refused = e.Error
		case opClaimed:
			leases[lease{e.Delivery, e.Token}] = len(claims)
			claims = append(claims, Claim{Worker: e.Worker, DeliveryID: e.Delivery, Token: e.Token, Asked: e.Asked, Got: e.At})
		case opSettling:
			if c := claim(e); c.Settled.IsZero() {
				c.Settled = e.At
			}
		case opSettled:
			c := claim(e)
			c.Applied, c.Ended = true, c.Ended || e.Ended
			if c.Told.IsZero() {
				c.Told = e.At
			}
		}
	}
	return publications, claims
}
