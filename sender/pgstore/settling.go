package pgstore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender"
)

// settling is one call of Settle.
type settling struct {
	batch     []sender.Outcome
	settled   []sender.Settled
	add       bool              // to the minutes
	delivered deliveredOutcomes // of subscriptions that have nothing else here
	others    outcomes          // one for each lease
	late      outcomes          // what neither applied, and repeats
	repeats   []held            // the second outcomes of a lease
	health    map[owner]sender.Health
}

type owner struct {
	org          string
	subscription int64
}

// sort puts the batch into columns, and leaves out what cannot have been leased here.
func (st *settling) sort(ids *ids) error {
	type fence struct {
		key
		token int64
	}
	seen := make(map[fence]bool, len(st.batch))
	first := make([]held, 0, len(st.batch))
	mixed := map[int64]bool{} // subscriptions with more than plain outcomes
	for i := range st.batch {
		o := &st.batch[i]
		if _, ok := stateNumber(o.State); !ok {
			return fmt.Errorf("delivery %s: nothing is settled as %q: %w", o.DeliveryID, o.State, sender.ErrInvalid)
		}
		token, known := parseToken(o.Token)
		r, ok := o.Ref.(ref)
		if !ok {
			r.key, ok = ids.decode(o.DeliveryID)
		}
		if !known || !ok || !storable(o.Org) {
			continue
		}
		h := held{r, token, i}
		f := fence{r.key, token}
		if seen[f] {
			st.repeats = append(st.repeats, h)
			continue
		}
		seen[f] = true
		first = append(first, h)
		if !isPlain(o, r) {
			mixed[r.subscription] = true
		}
	}
	st.divide(first, mixed)
	return nil
}

func (st *settling) divide(first []held, mixed map[int64]bool) {
	plain := slices.DeleteFunc(slices.Clone(first), func(h held) bool { return mixed[h.subscription] })
	slices.SortFunc(plain, func(a, b held) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.subscription, b.subscription))
	})
	st.delivered.grow(len(plain))
	for _, h := range plain {
		st.delivered.add(h, st.batch[h.at].Attempt)
	}
	if len(plain) == len(first) {
		return
	}
	st.others.grow(len(first) - len(plain))
	for _, h := range first {
		if mixed[h.subscription] {
			st.others.add(h, &st.batch[h.at])
		}
	}
}

// fate is what became of an outcome.
type fate int

const (
	tooLate   fate = iota // its token no longer holds the delivery
	applied               // as it says
	cancelled             // all of it but the state
)

// row reads an outcome that applied, or the health of a subscription.
func (st *settling) row(row scanner, became []fate) error {
	var ord, subscription int64
	var isCancelled bool
	var org *string
	var dead int
	var failing *int64
	if err := row.Scan(&ord, &isCancelled, &org, &subscription, &dead, &failing); err != nil {
		return err
	}
	switch {
	case ord == 0:
		st.health[owner{*org, subscription}] = newHealth(&dead, failing)
	case isCancelled:
		became[ord-1] = cancelled
	default:
		became[ord-1] = applied
	}
	return nil
}

func newHealth(dead *int, failing *int64) (h sender.Health) {
	if dead != nil {
		h.ConsecutiveDead = *dead
	}
	if failing != nil {
		h.FailingFor = fromMicros(max(*failing, 0)) // the clock may have gone back
	}
	return h
}

// printable makes a text storable that nobody should lose an outcome for.
func printable(s string) string {
	if storable(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
