package sqlitestore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Only the id that was given out finds a delivery, and it only in its org.
func FuzzDeliveryID(f *testing.F) {
	s := fresh(f)
	enqueue(f, s, batch("evt_", 100, "x"))
	known := map[string]bool{}
	for _, d := range list(f, s, driver.DeliveryQuery{}) {
		known[d.ID] = true
		f.Add(d.ID)
		f.Add(strings.ToLower(d.ID))
		f.Add(d.ID[1:])
	}
	for _, id := range []string{"", "00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
		"ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "\xff"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		_, err := s.Attempts(t.Context(), "acme", id)
		if known[id] {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, driver.ErrNotFound)
		}
		_, err = s.Attempts(t.Context(), "rival", id)
		require.ErrorIs(t, err, driver.ErrNotFound)
	})
}

func TestIDsOfAnotherDatabaseAreUnknown(t *testing.T) {
	here, there := fresh(t), fresh(t)
	enqueue(t, here, batch("evt_", 1, "x"))
	enqueue(t, there, batch("evt_", 1, "x"))
	id := list(t, here, driver.DeliveryQuery{})[0].ID
	require.NotEqual(t, id, list(t, there, driver.DeliveryQuery{})[0].ID, "each has a key of its own")
	_, err := there.Attempts(t.Context(), "acme", id)
	require.ErrorIs(t, err, driver.ErrNotFound)
}
