package sender_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

const telegramBody = `{"event":"incoming_message","device":"tg-1","channel":"telegram","timestamp":1782950400,"production":true}`

// What an event does not say is taken from its body, and what it says against its body is an error.
func TestEventIsCompletedByItsBody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		receipt := r.publish(t, envelope.Event{Source: envelope.Kirisan, Body: []byte(telegramBody)})
		stored, err := r.org.Event(t.Context(), receipt.EventID)
		require.NoError(t, err)
		require.Equal(t, envelope.Event{
			ID: receipt.EventID, Source: envelope.Kirisan, Type: "incoming_message", Device: "tg-1", Channel: "telegram",
			CreatedAt: time.Unix(1782950400, 0).UTC(), Body: []byte(telegramBody),
		}, stored.Event)
		for field, ev := range map[string]envelope.Event{
			"Type":    {Type: "submission"},
			"Device":  {Device: "tg-2"},
			"Channel": {Channel: "whatsapp"},
		} {
			ev.Source, ev.Body = envelope.Kirisan, []byte(telegramBody)
			_, err := r.org.Publish(t.Context(), ev)
			require.ErrorIs(t, err, sender.ErrInvalid)
			require.ErrorContains(t, err, field)
		}
	})
}

// The mark of a test stands in the body, whatever the event says, and a test makes nothing active.
func TestBodyOfATestActivatesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{telegram})
		body := `{"event":"incoming_message","device":"tg-1","channel":"telegram","production":false}`
		r.publish(t, envelope.Event{Source: envelope.Kirisan, Body: []byte(body)})
		time.Sleep(time.Second)
		require.Equal(t, sender.StatusPendingTest, r.status(t, sub.ID))
		require.Empty(t, r.far.requests())
		r.publish(t, envelope.Event{Source: envelope.Kirisan, Test: true, Body: []byte(telegramBody)})
		time.Sleep(time.Second)
		require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
	})
}

// Match says what keeps an event from an endpoint: its device, or its type.
func TestMatchNamesTheDevice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{whatsapp})
		_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
		require.NoError(t, err)
		for want, ev := range map[string]envelope.Event{
			"device tg-1 on telegram is not linked": kirisanMessage(t, telegram),
			"it is not subscribed to submission":    kirisanSubmission(t, whatsapp),
			"it is subscribed to incoming_message":  kirisanMessage(t, whatsapp),
		} {
			matches, err := r.org.Match(t.Context(), ev)
			require.NoError(t, err)
			require.Len(t, matches, 1)
			require.Equal(t, want, matches[0].Why)
		}
	})
}
