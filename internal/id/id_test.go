package id_test

import (
	"crypto/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/id"
)

func TestNewIsNeverTheSame(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		made := id.New("wbd_")
		require.Regexp(t, regexp.MustCompile(`^wbd_[0-9A-HJKMNP-TV-Z]{26}$`), made)
		require.False(t, seen[made])
		seen[made] = true
	}
}

func TestDecodeIsTheInverseOfEncode(t *testing.T) {
	blocks := [][16]byte{{}, {15: 1}, {0: 0x80}, [16]byte([]byte(strings.Repeat("\xff", 16)))}
	for range 100 {
		var block [16]byte
		rand.Read(block[:])
		blocks = append(blocks, block)
	}
	for _, block := range blocks {
		text := id.Encode(block)
		require.Len(t, text, 26)
		back, ok := id.Decode(text)
		require.True(t, ok)
		require.Equal(t, block, back)
	}
}

func TestDecodeTakesOneSpelling(t *testing.T) {
	text := id.Encode([16]byte{15: 0xaa})
	for _, other := range []string{
		"", text[1:], text + "0", "8" + text[1:], strings.ToLower(text), text[:25] + "I", text[:25] + "\xff",
	} {
		_, ok := id.Decode(other)
		require.False(t, ok, "%q", other)
	}
}
