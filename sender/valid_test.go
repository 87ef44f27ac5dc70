package sender_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// What no store could give back is refused before any store has it.
func TestPublishRefusesWhatNoStoreGivesBack(t *testing.T) {
	s, err := sender.New(memstore.New(), sender.Config{})
	require.NoError(t, err)
	org := s.Org("acme")
	for name, at := range map[string]time.Time{
		"milliseconds taken for seconds": time.Unix(1_760_000_000_000, 0),
		"the year 10000":                 time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC),
		"9999 here, 10000 in UTC":        time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -5*3600)),
		"the year 0":                     time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC),
		"the year -1":                    time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
		"the end of time":                time.Unix(math.MaxInt64, 999),
		"the beginning of time":          time.Unix(math.MinInt64, 0),
	} {
		ev := metaSample(t, "message.received")
		ev.CreatedAt = at
		_, err := org.Publish(t.Context(), ev)
		require.ErrorIs(t, err, sender.ErrInvalid, name)
		require.ErrorContains(t, err, "Event.CreatedAt", name)
	}
	for name, change := range map[string]func(*envelope.Event){
		"NUL":   func(ev *envelope.Event) { ev.Channel = "whats\x00app" },
		"1 MiB": func(ev *envelope.Event) { ev.Channel = strings.Repeat("x", 1<<20) },
	} {
		ev := metaSample(t, "message.received")
		change(&ev)
		_, err := org.Publish(t.Context(), ev)
		require.ErrorIs(t, err, sender.ErrInvalid, name)
	}
}

func TestSubscribeRefusesWhatNoStoreGivesBack(t *testing.T) {
	store := memstore.New()
	s, err := sender.New(store, sender.Config{})
	require.NoError(t, err)
	refused := func(what, org string, change func(*sender.Subscription)) {
		sub := sender.Subscription{URL: "https://example.com/", Events: []string{"*"}}
		change(&sub)
		_, _, err := s.Org(org).Subscribe(t.Context(), sub)
		require.ErrorIs(t, err, sender.ErrInvalid, what)
	}
	for name, text := range map[string]string{
		"NUL": "a\x00b", "not UTF-8": "a\xffb", "1 MiB": strings.Repeat("x", 1<<20),
	} {
		for field, change := range map[string]func(*sender.Subscription){
			"Name":        func(sub *sender.Subscription) { sub.Name = text },
			"Description": func(sub *sender.Subscription) { sub.Description = text },
			"Contract":    func(sub *sender.Subscription) { sub.Contract = text },
			"Events":      func(sub *sender.Subscription) { sub.Events = []string{text} },
			"Headers":     func(sub *sender.Subscription) { sub.Headers = map[string]string{"X-A": text} },
		} {
			refused(field+": "+name, "acme", change)
		}
		refused("Org: "+name, text, func(*sender.Subscription) {})
	}
	for _, rate := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		refused(fmt.Sprint("Rate: ", rate), "acme", func(sub *sender.Subscription) { sub.Rate = rate })
	}
	records, err := store.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
	require.NoError(t, err)
	require.Empty(t, records)
}

func TestPublishTakesEveryTimeThatCanBeKept(t *testing.T) {
	s, err := sender.New(memstore.New(), sender.Config{})
	require.NoError(t, err)
	for id, at := range map[string]time.Time{
		"first": time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC),
		"last":  time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		"lmt":   time.Date(1900, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 7*3600+7*60+12)), // Jakarta, until 1924
	} {
		ev := metaSample(t, "message.received")
		ev.ID, ev.CreatedAt = "", at
		ev.Body = []byte(strings.ReplaceAll(string(ev.Body), "wamid.", "wamid."+id))
		receipt, err := s.Org("acme").Publish(t.Context(), ev)
		require.NoError(t, err, id)
		got, err := s.Org("acme").Event(t.Context(), receipt.EventID)
		require.NoError(t, err)
		require.True(t, at.Equal(got.Event.CreatedAt), "%s: %s is not %s", id, got.Event.CreatedAt, at)
	}
}

// The time that a body states costs nobody the event.
func TestAnOddTimeInABodyCountsAsNone(t *testing.T) {
	s, err := sender.New(memstore.New(), sender.Config{})
	require.NoError(t, err)
	body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",` +
		`"messages":[{"id":"wamid.1","from":"62811","timestamp":"99999999999999999","type":"text","text":{"body":"hi"}}]}}]}]}`
	receipt, err := s.Org("acme").Publish(t.Context(), envelope.Event{Source: envelope.Meta, Body: []byte(body)})
	require.NoError(t, err)
	got, err := s.Org("acme").Event(t.Context(), receipt.EventID)
	require.NoError(t, err)
	require.Zero(t, got.Event.CreatedAt)
}

// A contract may quote an endpoint in its reason.
func TestAnyReasonIsWrittenDown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		contract := sender.Kirim()
		contract.Classify = func(sender.Result) sender.Verdict {
			return sender.Verdict{Judgement: sender.Dead, Reason: "\xff\x00" + strings.Repeat("é", 1<<20)}
		}
		r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{contract}})
		r.subscribe(t, "https://example.com/", "*")
		id := r.publish(t, metaSample(t, "message.received")).EventID
		synctest.Wait()
		var reason string
		for d, err := range r.org.Deliveries(t.Context(),
			sender.DeliveryQuery{EventID: id, States: []sender.State{sender.StateDead}}) {
			require.NoError(t, err)
			reason = d.Reason
		}
		require.True(t, strings.HasPrefix(reason, "\uFFFD\uFFFDéé"), "%.20q", reason)
		require.LessOrEqual(t, len(reason), 1<<10+4)
	})
}

// A store that has set deliveries aside is believed: they are told, and the rest goes on.
func TestWhatTheStoreSetsAsideIsTold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &setsAside{Store: memstore.New()}
		finished, failed := make(chan sender.Delivery, 10), make(chan string, 10)
		r := newRigOn(t, store, statuses(200), sender.Config{Hooks: sender.Hooks{
			Finished:    func(_ context.Context, d sender.Delivery) { finished <- d },
			StoreFailed: func(_ context.Context, op string, err error) { failed <- op + ": " + err.Error() },
		}})
		d := <-finished
		require.Equal(t, "wbd_01", d.ID)
		require.Equal(t, sender.ReasonUnreadable, d.Reason)
		require.Equal(t, "read: its event: sender: unreadable", <-failed)
		require.Contains(t, r.logs.String(), "level=ERROR")
		require.Contains(t, r.logs.String(), "delivery=wbd_01")
		r.subscribe(t, "https://example.com/", "*")
		r.publish(t, metaSample(t, "message.received"))
		require.Equal(t, sender.StateDelivered, (<-finished).State)
	})
}

var errItsEvent = fmt.Errorf("its event: %w", sender.ErrUnreadable)

// setsAside answers its first claim with a delivery that it could not read.
type setsAside struct {
	*memstore.Store
	told bool
}

func (s *setsAside) Claim(ctx context.Context, r driver.ClaimRequest) (driver.Claims, error) {
	c, err := s.Store.Claim(ctx, r)
	if !s.told {
		s.told = true
		d := sender.Delivery{ID: "01", Org: "acme", State: sender.StateDead, Reason: sender.ReasonUnreadable}
		c.Unreadable, c.More = []driver.Unreadable{{Delivery: d, Err: errItsEvent}}, true
	}
	return c, err
}
