package pgstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// answer is what the enqueue statement answers about a batch.
type answer struct {
	at                       *time.Time // nil: it is not needed
	numbers                  string
	made, inactive           *string
	leased, leasedOf, places *string
	subscriptions, versions  *string // of the deliveries that were made
}

// read makes results of the answer, and returns what was not stored.
func (e *enqueuing) read(batch []int, a *answer) (rest []int, err error) {
	list, err := numbers(&a.numbers)
	if err != nil || len(list) != len(batch) {
		return nil, fmt.Errorf("answer about %d events: %q: %w", len(batch), a.numbers, err)
	}
	event := make(map[int64]int, len(batch)) // in pubs, by number
	for j, i := range batch {
		switch p := &e.pubs[i]; list[j] {
		case -1:
			e.results[i].Err = fmt.Errorf("pgstore: %w", notFound("subscription", p.Org, p.Only))
		case 0:
			rest = append(rest, i)
		default:
			event[list[j]] = i
			e.keep(p, list[j], instant(a.at))
		}
	}
	made, err := numbers(a.made)
	if err != nil {
		return nil, err
	}
	for _, ord := range made {
		e.results[batch[ord-1]].Deliveries++
	}
	if err := e.readInactive(batch, a.inactive); err != nil {
		return nil, err
	}
	return rest, e.readLeased(event, a)
}

func (e *enqueuing) readInactive(batch []int, text *string) error {
	if text == nil {
		return nil
	}
	var list [][2]json.RawMessage // ordinal, id
	if err := json.Unmarshal([]byte(*text), &list); err != nil {
		return err
	}
	for _, pair := range list {
		var ord int
		var id string
		if err := errors.Join(json.Unmarshal(pair[0], &ord), json.Unmarshal(pair[1], &id)); err != nil {
			return err
		}
		if r := &e.results[batch[ord-1]]; len(r.Inactive) < driver.MaxInactive {
			r.Inactive = append(r.Inactive, id)
		}
	}
	return nil
}

func (e *enqueuing) readLeased(event map[int64]int, a *answer) error {
	if a.leased == nil {
		return nil
	}
	var columns [4][]int64
	for i, text := range []*string{a.leased, a.leasedOf, a.subscriptions, a.versions} {
		list, err := numbers(text)
		if err != nil {
			return err
		}
		columns[i] = list
	}
	places, err := tids(a.places)
	if err != nil {
		return err
	}
	versions := make(map[int64]int64, len(columns[2]))
	for i, subscription := range columns[2] {
		versions[subscription] = columns[3][i]
	}
	for i, number := range columns[0] {
		k := key{number, columns[1][i]}
		e.leased = append(e.leased, leased{
			ref: ref{k, versions[k.subscription], places[i]}, event: number, test: e.pubs[event[number]].Only != "",
		})
	}
	return nil
}
