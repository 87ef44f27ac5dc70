package pgstore

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ids are made nowhere but in this file, so that their test stands inside the package.

func TestIDsComeBack(t *testing.T) {
	c, err := newIDs([]byte("0123456789abcdef"))
	require.NoError(t, err)
	for _, number := range []int64{1, 2, 1000, maxNumber - 1} {
		for _, subscription := range []int64{1, 63<<56 | 7, 63<<56 | (maxSerial - 1)} {
			id := c.encode(key{number, subscription})
			require.Regexp(t, `^[0-9A-HJKMNP-TV-Z]{26}$`, id)
			got, ok := c.decode(id)
			require.True(t, ok)
			require.Equal(t, key{number, subscription}, got)
		}
	}
	_, ok := c.decode(c.encode(key{math.MaxInt64, 1}))
	require.False(t, ok, "invented")
	_, err = newIDs([]byte("short"))
	require.Error(t, err)
}

func FuzzDeliveryID(f *testing.F) {
	c, err := newIDs([]byte("0123456789abcdef"))
	require.NoError(f, err)
	for _, id := range []string{
		c.encode(key{1, 1}), "", "00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
		"8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "IIIIIIIIIIIIIIIIIIIIIIIIII",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if k, ok := c.decode(id); ok {
			require.Equal(t, id, c.encode(k), "one spelling alone")
		}
	})
}
