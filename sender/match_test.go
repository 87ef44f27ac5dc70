package sender_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
)

// An event that Publish would refuse matches nothing: an empty list would say that nobody is subscribed.
func TestMatchRefusesWhatPublishDoes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		r.subscribe(t, "https://example.com/", "*")
		odd := contactCreated(t)
		odd.Type = "contact.deleted"
		for want, ev := range map[error]envelope.Event{
			sender.ErrUnknownSource: {Source: "nobody's"},
			sender.ErrInvalid:       odd,
		} {
			_, err := r.org.Publish(t.Context(), ev)
			require.ErrorIs(t, err, want)
			_, err = r.org.Match(t.Context(), ev)
			require.ErrorIs(t, err, want)
		}
	})
}
