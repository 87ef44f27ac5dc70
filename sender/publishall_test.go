package sender_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// counting counts the calls of Enqueue, and fails those from number failFrom on.
type counting struct {
	*memstore.Store
	sizes    []int
	failFrom int
}

var errDisk = errors.New("disk full")

func (c *counting) Enqueue(
	ctx context.Context, pubs []driver.Publication, r *driver.ClaimRequest,
) ([]driver.Enqueued, []driver.Claim, error) {
	c.sizes = append(c.sizes, len(pubs))
	if c.failFrom > 0 && len(c.sizes) >= c.failFrom {
		return nil, nil, errDisk
	}
	return c.Store.Enqueue(ctx, pubs, r)
}

func numbered(t *testing.T, n int) []envelope.Event {
	events := make([]envelope.Event, n)
	for i := range events {
		events[i] = contactCreated(t)
		events[i].ID = ""
	}
	return events
}

// Many events share few transactions; what is wrong with one concerns no other.
func TestPublishAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &counting{Store: memstore.New()}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		events := numbered(t, 2500)
		events[7] = envelope.Event{Source: "nobody", Body: []byte(`{}`)}
		events[8] = events[9]
		events[1500].Body = nil
		results, err := r.org.PublishAll(t.Context(), events)
		require.NoError(t, err)
		require.Len(t, results, len(events))
		require.Equal(t, []int{1000, 1000, 498}, store.sizes)
		for i, p := range results {
			switch i {
			case 7:
				require.ErrorIs(t, p.Err, sender.ErrUnknownSource)
			case 1500:
				require.ErrorIs(t, p.Err, sender.ErrInvalid)
			case 9:
				require.Equal(t, sender.Receipt{EventID: results[8].EventID, Duplicate: true}, p.Receipt)
			default:
				require.NoError(t, p.Err)
				require.Equal(t, 1, p.Deliveries, "%d", i)
				require.NotEmpty(t, p.EventID)
			}
		}
		synctest.Wait()
		require.Len(t, r.far.requests(), 2497)

		results, err = r.org.PublishAll(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, results)
	})
}

// A transaction holds 8 MiB of bodies, or one event whatever its size.
func TestPublishAllOfLargeBodies(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &counting{Store: memstore.New()}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		var events []envelope.Event
		for i := range 5 {
			body := fmt.Sprintf(`{"id":"evt_%d","type":"contact.created","created_at":"2026-01-01T00:00:00Z","data":{"note":%q}}`,
				i, strings.Repeat("x", 3<<20))
			events = append(events, envelope.Event{Source: envelope.Kirim, Body: []byte(body)})
		}
		_, err := r.org.PublishAll(t.Context(), events)
		require.NoError(t, err)
		require.Equal(t, []int{2, 2, 1}, store.sizes)
	})
}

// What a failing store kept back is told of each event, and can be published again under the ids that were given.
func TestPublishAllOnAFailingStore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &counting{Store: memstore.New(), failFrom: 2}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		events := numbered(t, 2100)
		results, err := r.org.PublishAll(t.Context(), events)
		require.ErrorIs(t, err, errDisk)
		require.Len(t, store.sizes, 2, "the rest was not tried")
		for i, p := range results {
			events[i].ID = p.EventID
			if i < 1000 {
				require.NoError(t, p.Err)
			} else {
				require.ErrorIs(t, p.Err, errDisk)
			}
		}
		store.failFrom = 0
		results, err = r.org.PublishAll(t.Context(), events)
		require.NoError(t, err)
		require.Equal(t, 1000, len(slices.Collect(func(yield func(int) bool) {
			for i, p := range results {
				if p.Duplicate && !yield(i) {
					return
				}
			}
		})))
		synctest.Wait()
		require.Len(t, r.far.requests(), 2100)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("the caller left"))
		_, err = r.org.PublishAll(ctx, events[:1])
		require.ErrorContains(t, err, "the caller left")
	})
}

// Telegram's first live message activates an endpoint in a batch too.
func TestPublishAllActivates(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{sender.Kirisan()}})
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{{ID: "bot", Channel: "telegram"}})
		body := []byte(`{"event":"incoming_message","device":"bot","channel":"telegram","production":true,"message":{"id":"1","text":"hi"}}`)
		_, err := r.org.PublishAll(t.Context(),
			[]envelope.Event{{Source: envelope.Kirisan, Channel: "telegram", Device: "bot", Body: body}})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
		require.Len(t, r.far.requests(), 1)
	})
}

func ExampleOrg_PublishAll() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		panic(err)
	}
	var events []envelope.Event
	for _, id := range []string{"ctc_1", "ctc_2"} {
		ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{Contact: kirim.Contact{ID: id}})
		if err != nil {
			panic(err)
		}
		events = append(events, ev)
	}
	events = append(events, envelope.Event{Source: envelope.Kirim, Body: []byte("no JSON")})
	results, err := s.Org("acme").PublishAll(context.Background(), events)
	for i, p := range results {
		fmt.Println(i, p.Err == nil, errors.Is(p.Err, sender.ErrInvalid))
	}
	fmt.Println(err)
	// Output:
	// 0 true false
	// 1 true false
	// 2 false true
	// <nil>
}
