package sender_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

func metaSample(t *testing.T, eventType string) envelope.Event {
	t.Helper()
	body, ok := samples.Body(envelope.Meta, eventType, "")
	require.True(t, ok)
	return envelope.Event{Source: envelope.Meta, Body: body}
}

// Meta repeats its own notifications; whatever their bytes, the same message is published once.
func TestMetaRetriesDoNotFanOut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "message.*")
		ev := metaSample(t, "message.received")
		first := r.publish(t, ev)
		require.Equal(t, 1, first.Deliveries)
		require.False(t, first.Duplicate)

		again := ev
		again.Body = append(bytes.TrimRight(bytes.Clone(ev.Body), "}\n "), `,"kirim":{"message_id":"msg_1"}}`...)
		second := r.publish(t, again)
		require.Equal(t, sender.Receipt{EventID: first.EventID, Duplicate: true}, second)
		synctest.Wait()
		got := r.far.requests()
		require.Len(t, got, 1)
		require.Equal(t, []byte(ev.Body), got[0].body, "Meta's bytes pass untouched")
		require.Equal(t, "meta", got[0].header.Get("X-Kirim-Source"))
		require.Equal(t, "message.received", got[0].header.Get("X-Kirim-Event"))
		require.Equal(t, first.EventID, got[0].header.Get("X-Kirim-Event-Id"))
	})
}

func TestStatusesOfOneMessageAreEventsOfTheirOwn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "message.status")
		delivered := metaSample(t, "message.status")
		read := delivered
		read.Body = bytes.ReplaceAll(delivered.Body, []byte(`"delivered"`), []byte(`"read"`))
		require.NotEqual(t, delivered.Body, read.Body)
		require.False(t, r.publish(t, delivered).Duplicate)
		require.False(t, r.publish(t, read).Duplicate)
		synctest.Wait()
		require.Len(t, r.far.requests(), 2)
	})
}

func TestPublishTheSameIDAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		ev := contactCreated(t)
		r.publish(t, ev)
		require.True(t, r.publish(t, ev).Duplicate)
		other := ev
		other.Body = bytes.Replace(ev.Body, []byte("ctc_1"), []byte("ctc_2"), 1)
		_, err := r.org.Publish(t.Context(), other)
		require.ErrorIs(t, err, sender.ErrConflict)
		require.ErrorContains(t, err, ev.ID)
		synctest.Wait()
		require.Len(t, r.far.requests(), 1)

		elsewhere, err := r.Org("other").Publish(t.Context(), other)
		require.NoError(t, err)
		require.False(t, elsewhere.Duplicate, "another org knows nothing of it")
	})
}

func TestPublishRefusesBadEvents(t *testing.T) {
	valid := contactCreated(t)
	tests := []struct {
		name string
		edit func(*envelope.Event)
		is   error
		want string
	}{
		{"unknown source", func(ev *envelope.Event) { ev.Source = "acme" }, sender.ErrUnknownSource, `"acme"`},
		{"source of another contract", func(ev *envelope.Event) { ev.Source = envelope.Kirisan }, sender.ErrUnknownSource,
			"kirisan"},
		{"no source", func(ev *envelope.Event) { ev.Source = "" }, sender.ErrUnknownSource, ""},
		{"too large", func(ev *envelope.Event) { ev.Body = []byte(`"` + strings.Repeat("x", 4<<20) + `"`) },
			sender.ErrTooLarge, "4194304"},
		{"no body", func(ev *envelope.Event) { ev.Body = nil }, sender.ErrInvalid, ""},
		{"not JSON", func(ev *envelope.Event) { ev.Body = []byte("{") }, sender.ErrInvalid, ""},
		{"not an envelope", func(ev *envelope.Event) { ev.Body = []byte("{}") }, envelope.ErrMalformed, ""},
		{"another ID than the body's", func(ev *envelope.Event) { ev.ID = "evt_x" }, sender.ErrInvalid,
			`ID: "evt_x" is not the body's`},
		{"another Type than the body's", func(ev *envelope.Event) { ev.Type = "contact.updated" }, sender.ErrInvalid,
			`Type: "contact.updated" is not the body's "contact.created"`},
		{"a native body as Meta's", func(ev *envelope.Event) { ev.Source = envelope.Meta }, sender.ErrInvalid, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, statuses(200), sender.Config{})
				r.subscribe(t, "https://example.com/", "*")
				ev := valid
				tt.edit(&ev)
				_, err := r.org.Publish(t.Context(), ev)
				require.ErrorIs(t, err, tt.is)
				require.ErrorContains(t, err, tt.want)
				require.Empty(t, r.deliveries(t, sender.DeliveryQuery{}))
			})
		})
	}
}

func TestPublishWithoutSubscribersIsNoError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		require.Equal(t, 0, r.publish(t, contactCreated(t)).Deliveries)
	})
}

func TestEventTypesAndWildcards(t *testing.T) {
	setupLink, err := kirim.NewEvent(kirim.CustomerSetupLinkCreated, kirim.CustomerData{})
	require.NoError(t, err)
	tests := []struct {
		events []string
		want   bool // for customer.setup_link.created
	}{
		{[]string{"*"}, true},
		{[]string{"customer.*"}, true},
		{[]string{"customer.setup_link.*"}, true},
		{[]string{"customer.setup_link.created"}, true},
		{[]string{"contact.*", "customer.setup_link.created", "customer.*"}, true},
		{[]string{"customer.setup_link"}, false},
		{[]string{"customer"}, false},
		{[]string{"contact.*"}, false},
		{[]string{"customer.setup_link.consumed"}, false},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.events, ","), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				r := newRig(t, statuses(200), sender.Config{})
				r.subscribe(t, "https://example.com/", tt.events...)
				deliveries := r.publish(t, setupLink).Deliveries
				require.Equal(t, tt.want, deliveries == 1, "several patterns that match make one delivery")
			})
		})
	}
}

// Callers that publish at once share transactions; a lone one waits for nobody.
func TestConcurrentPublishersShareTransactions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		gate := make(chan struct{})
		var once sync.Once
		store.enqueue = func([]driver.Publication) error {
			once.Do(func() { <-gate })
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		var wg sync.WaitGroup
		publish := func() {
			receipt, err := r.org.Publish(t.Context(), contactCreated(t))
			require.NoError(t, err)
			require.Equal(t, 1, receipt.Deliveries)
		}
		wg.Go(publish)
		synctest.Wait()
		for range 99 {
			wg.Go(publish)
		}
		synctest.Wait() // one is inside the store, 99 wait
		close(gate)
		wg.Wait()
		require.EqualValues(t, 2, store.enqueues.Load())
		synctest.Wait()
		require.Len(t, r.far.requests(), 100)
	})
}

func TestOneBadPublicationOfAGroupFailsAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		bad := contactCreated(t)
		poison := errors.New("cannot be stored")
		gate := make(chan struct{})
		var once sync.Once
		store.enqueue = func(pubs []driver.Publication) error {
			once.Do(func() { <-gate })
			for _, p := range pubs {
				if p.Event.ID == bad.ID {
					return poison
				}
			}
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		events := []envelope.Event{contactCreated(t), contactCreated(t), bad, contactCreated(t)}
		errs := make([]error, len(events))
		var wg sync.WaitGroup
		for i, ev := range events {
			wg.Go(func() { _, errs[i] = r.org.Publish(t.Context(), ev) })
			synctest.Wait()
		}
		close(gate)
		wg.Wait()
		require.ErrorIs(t, errs[2], poison)
		require.NoError(t, errors.Join(errs[0], errs[1], errs[3]))
	})
}

func TestPublisherGivesUpWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := newHooked()
		gate := make(chan struct{})
		var once sync.Once
		store.enqueue = func([]driver.Publication) error {
			once.Do(func() { <-gate })
			return nil
		}
		r := newRigOn(t, store, statuses(200), sender.Config{})
		var wg sync.WaitGroup
		wg.Go(func() { r.publish(t, contactCreated(t)) })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		given := make(chan error, 1)
		go func() {
			_, err := r.org.Publish(ctx, contactCreated(t))
			given <- err
		}()
		synctest.Wait()
		wg.Go(func() { r.publish(t, contactCreated(t)) })
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-given, context.Canceled)
		close(gate)
		wg.Wait() // the third leads, or follows: nobody is left behind
	})
}
