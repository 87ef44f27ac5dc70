// Package linear_test asks porcupine whether what many workers saw of a store at once could have happened one after the
// other.
package linear_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Each event is a register of its own: it does not exist, waits, is held by a token, or is done. One that waits or is
// done remembers who let it go, who may say so again.
type input struct {
	op    string // enqueue, claim, release, finish
	event string
	token string
}

// output of a claim names the token; of the others, whether they took effect.
type output struct {
	token string
	done  bool
}

const (
	absent  = ""
	waiting = "waiting after "
	held    = "held by "
	done    = "done by "
)

// lasting is the model of leases that last; fleeting of those that have run out as soon as they are given, so that
// whoever comes takes over.
var lasting, fleeting = model(false), model(true)

func model(takesOver bool) porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			byEvent := map[string][]porcupine.Operation{}
			for _, op := range history {
				event := op.Input.(input).event
				byEvent[event] = append(byEvent[event], op)
			}
			var parts [][]porcupine.Operation
			for _, part := range byEvent {
				parts = append(parts, part)
			}
			return parts
		},
		Init: func() any { return absent },
		Step: func(state, in, out any) (bool, any) {
			now, i, o := state.(string), in.(input), out.(output)
			switch i.op {
			case "enqueue":
				if now == absent {
					return o.done, waiting
				}
				return !o.done, now
			case "claim":
				return strings.HasPrefix(now, waiting) || takesOver && strings.HasPrefix(now, held), held + o.token
			case "release":
				return settle(now, i.token, waiting, o)
			default:
				return settle(now, i.token, done, o)
			}
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
	}
}

// settle is what an outcome of a token must do, and say.
func settle(now, token, as string, o output) (fits bool, next any) {
	switch now {
	case held + token, as + token:
		return o.done, as + token
	}
	return !o.done, now
}

// history collects operations with the time at which they began and ended.
type history struct {
	began time.Time
	mu    sync.Mutex
	ops   []porcupine.Operation
}

func (h *history) now() int64 { return int64(time.Since(h.began)) }

func (h *history) add(worker int, call, end int64, in input, out output) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: worker, Input: in, Call: call, Output: out, Return: end})
}

func TestClaimsAreLinearizable(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			n, runs := 0, 3
			if name == "memory" {
				runs = 20
			}
			for seed := range uint64(runs) {
				n += run(t, open(t), seed, time.Hour, lasting)
				n += run(t, open(t), seed, time.Microsecond, fleeting)
			}
			tally.Ran(t, n, 2*runs*workers*20)
		})
	}
}

const workers, steps, events = 8, 60, 40

// run lets workers loose on a store, and returns how much they did.
func run(t *testing.T, s sender.Store, seed uint64, lease time.Duration, model porcupine.Model) int {
	_, err := s.PutSubscription(t.Context(), driver.SubscriptionRecord{
		Subscription: sender.Subscription{ID: "a", Org: "acme", Status: sender.StatusActive}, Topics: []string{"x"},
	})
	require.NoError(t, err)
	h := &history{began: time.Now()}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(w)))
			play(t, s, h, w, lease, random)
		})
	}
	all.Wait()
	require.True(t, porcupine.CheckOperations(model, h.ops), "run %d with leases of %v is not linearizable", seed, lease)
	return len(h.ops)
}

// Histories that no store may have, for their last step.
func TestModelRefuses(t *testing.T) {
	enqueue := step{input{op: "enqueue"}, output{done: true}}
	claim := func(token string) step { return step{input{op: "claim"}, output{token: token}} }
	settle := func(op, token string, applied bool) step {
		return step{input{op: op, token: token}, output{done: applied}}
	}
	finished := settle("finish", "1", true)
	for name, c := range map[string]struct {
		model porcupine.Model
		steps []step
	}{
		"an event stored twice":           {lasting, []step{enqueue, enqueue}},
		"a claim of nothing":              {lasting, []step{claim("1")}},
		"two holders":                     {lasting, []step{enqueue, claim("1"), claim("2")}},
		"a claim of what is done":         {fleeting, []step{enqueue, claim("1"), finished, claim("2")}},
		"a holder who is refused":         {lasting, []step{enqueue, claim("1"), settle("finish", "1", false)}},
		"a stale holder who is heard":     {fleeting, []step{enqueue, claim("1"), claim("2"), finished}},
		"a repeat that is refused":        {lasting, []step{enqueue, claim("1"), finished, settle("finish", "1", false)}},
		"another outcome under one token": {lasting, []step{enqueue, claim("1"), settle("release", "1", true), finished}},
	} {
		t.Run(name, func(t *testing.T) {
			h := &history{}
			for i, s := range c.steps {
				require.True(t, porcupine.CheckOperations(c.model, h.ops), "before step %d", i)
				h.add(0, int64(2*i), int64(2*i+1), s.in, s.out)
			}
			require.False(t, porcupine.CheckOperations(c.model, h.ops))
		})
	}
}

type step struct {
	in  input
	out output
}

// play is one worker: it enqueues, claims one or two at a time, releases and finishes, in no order.
func play(t *testing.T, s sender.Store, h *history, worker int, lease time.Duration, random *rand.Rand) {
	var held []driver.Claim
	for range steps {
		call := h.now()
		switch op := random.IntN(4); {
		case op == 0:
			id := fmt.Sprint("e", random.IntN(events))
			results, _, err := s.Enqueue(t.Context(),
				[]driver.Publication{{Org: "acme", Event: envelope.Event{ID: id}, Topics: []string{"x"}}}, nil)
			if err != nil {
				t.Error(err)
				return
			}
			h.add(worker, call, h.now(), input{op: "enqueue", event: id}, output{done: !results[0].Duplicate})
		case op == 1 || len(held) == 0:
			c, err := s.Claim(t.Context(), driver.ClaimRequest{Limit: 1 + random.IntN(2), PerSubscription: 2, Lease: lease})
			if err != nil {
				t.Error(err)
				return
			}
			end := h.now()
			for _, c := range c.Claims {
				h.add(worker, call, end, input{op: "claim", event: c.Delivery.EventID}, output{token: c.Token + c.Delivery.ID})
			}
			held = append(held, c.Claims...)
		default:
			i := random.IntN(len(held))
			c, name, state := held[i], "release", sender.StatePending
			if op == 3 {
				name, state = "finish", sender.StateDelivered
			}
			settled, err := s.Settle(t.Context(),
				[]driver.Outcome{{Org: "acme", DeliveryID: c.Delivery.ID, Token: c.Token, State: state, Subscription: "a"}})
			if err != nil {
				t.Error(err)
				return
			}
			h.add(worker, call, h.now(), input{op: name, event: c.Delivery.EventID, token: c.Token + c.Delivery.ID},
				output{done: settled[0].Applied})
			if random.IntN(3) > 0 { // else it is settled again some time, late
				held = append(held[:i], held[i+1:]...)
			}
		}
	}
}
