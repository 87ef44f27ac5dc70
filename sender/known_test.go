package sender_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

// A type that the platform does not have is taken, since the set is open, and told, since it may be a slip.
func TestUnknownTypesAreTold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		warned := func() int {
			return strings.Count(r.logs.String(),
				"level=WARN msg=\"subscribed to a type that is not known; is it spelled right?\"")
		}
		r.subscribe(t, "https://example.com/", "*", "contact.*", "contact.created", "message.received", "account_update")
		require.Zero(t, warned())
		sub, _ := r.subscribe(t, "https://example.com/", "contact.create")
		require.Equal(t, 1, warned())
		require.Contains(t, r.logs.String(), "subscription="+sub.ID+" type=contact.create\n")
		update := func(edit func(*sender.Subscription)) {
			_, err := r.org.Update(t.Context(), sub.ID, edit)
			require.NoError(t, err)
		}
		update(func(s *sender.Subscription) { s.Description = "no word of types" })
		require.Equal(t, 1, warned())
		update(func(s *sender.Subscription) { s.Events = append(s.Events, "contact.delet") })
		require.Equal(t, 2, warned())
	})
}
