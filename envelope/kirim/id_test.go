package kirim_test

import (
	"regexp"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/stretchr/testify/require"
)

func TestNewID(t *testing.T) {
	valid := regexp.MustCompile(`^wbd_[0-9A-HJKMNP-TV-Z]{26}$`)
	ids, letters := map[string]bool{}, map[rune]bool{}
	for range 1000 {
		id := kirim.NewID("wbd_")
		require.Regexp(t, valid, id)
		require.False(t, ids[id], "twice")
		ids[id] = true
		for _, r := range id[4:] {
			letters[r] = true
		}
	}
	require.Len(t, letters, 32, "every letter occurs")
	require.Len(t, kirim.NewID(""), 26)
}
