package harness

import (
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// orgs are the tenants of a run.
var orgs = [...]string{"north", "south"}

// order is what a worker publishes. All of it follows from the id, so that a later life of the worker, and the parent,
// know the event from its id alone.
type order struct {
	org      string
	event    envelope.Event
	host     bool // in a transaction of the host
	withdraw bool // which is rolled back
}

func orderOf(id string) order {
	h := fnv.New64a()
	h.Write([]byte(id))
	dice := rand.New(rand.NewPCG(h.Sum64(), 0))
	o := order{org: orgs[dice.IntN(len(orgs))], event: envelope.Event{Source: envelope.Kirim}}
	typ := "contact.created"
	if dice.IntN(6) == 0 {
		typ = "conversation.opened"
	}
	size := 1 + dice.IntN(30)
	if dice.IntN(20) == 0 {
		size *= 100
	}
	o.event.Body = fmt.Appendf(nil, `{"id":%q,"type":%q,"created_at":"2026-01-02T03:04:05Z","livemode":true,"data":{"note":%q}}`,
		id, typ, strings.Repeat(id+" ", size))
	o.event.ID, o.event.Type = id, typ
	o.host = dice.IntN(4) == 0
	o.withdraw = o.host && dice.IntN(3) == 0
	return o
}

func digestOf(id string) [32]byte { return sha256.Sum256(orderOf(id).event.Body) }

func eventID(worker string, n int) string { return fmt.Sprintf("evt_%s_%d", worker, n) }

func intended(id string) entry {
	o := orderOf(id)
	return entry{Op: opIntended, At: time.Now(), Org: o.org, Event: id, Type: o.event.Type, Host: o.host}
}
