package pgstore

import (
	"cmp"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// settling is one call of Settle.
type settling struct {
	batch     []driver.Outcome
	settled   []driver.Settled
	add       bool              // to the minutes
	delivered deliveredOutcomes // of subscriptions that have nothing else here
	others    outcomes          // one for each lease
	late      outcomes          // what neither applied, and repeats
	repeats   []entry           // the second outcomes of a lease
	health    map[owner]driver.Health
}

type owner struct {
	org          string
	subscription int64
}

// sort puts the batch into columns, and leaves out what cannot have been leased here.
func (st *settling) sort(ids *ids) {
	type fence struct {
		key
		token int64
	}
	seen := make(map[fence]bool, len(st.batch))
	first := make([]entry, 0, len(st.batch))
	mixed := map[int64]bool{} // subscriptions with more than plain outcomes
	for i := range st.batch {
		o := &st.batch[i]
		token, known := parseToken(o.Token)
		r, ok := o.Ref.(ref)
		if !ok {
			r.key, ok = ids.decode(o.DeliveryID)
		}
		if !known || !ok || !storable(o.Org) {
			continue
		}
		e := entry{r, token, i}
		f := fence{r.key, token}
		if seen[f] {
			st.repeats = append(st.repeats, e)
			continue
		}
		seen[f] = true
		first = append(first, e)
		if !isPlain(o, r) {
			mixed[r.subscription] = true
		}
	}
	st.divide(first, mixed)
}

func (st *settling) divide(first []entry, mixed map[int64]bool) {
	plain := slices.DeleteFunc(slices.Clone(first), func(e entry) bool { return mixed[e.subscription] })
	slices.SortFunc(plain, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.subscription, b.subscription))
	})
	st.delivered.grow(len(plain))
	for _, e := range plain {
		st.delivered.add(e, st.batch[e.at].Attempt)
	}
	if len(plain) == len(first) {
		return
	}
	st.others.grow(len(first) - len(plain))
	for _, e := range first {
		if mixed[e.subscription] {
			st.others.add(e, &st.batch[e.at])
		}
	}
}
