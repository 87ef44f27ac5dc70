package kirisan_test

import (
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/stretchr/testify/require"
)

func TestSameDevice(t *testing.T) {
	for _, pair := range [][2]string{
		{"6281", "6281"}, {"+6281", "6281"}, {"6281", "+6281"}, {"+62 851-0000-0001", "6285100000001"},
		{"(62) 81.1", "62811"},
		{" 6281 ", "6281"}, {"123:AAF-x_y", "123:AAF-x_y"}, {" token", "token"}, {"", ""}, {"+", "+"},
	} {
		require.True(t, kirisan.SameDevice(pair[0], pair[1]), pair)
		require.True(t, kirisan.SameDevice(pair[1], pair[0]), pair)
	}
	for _, pair := range [][2]string{
		{"6281", "6282"}, {"081", "81"}, {"123:AAF-xy", "123:AAFxy"}, {"token", "Token"}, {"+token", "token"}, {"", "6281"},
		{"+", ""}, {"+", "-"},
		{"a b", "ab"},
	} {
		require.False(t, kirisan.SameDevice(pair[0], pair[1]), pair)
		require.False(t, kirisan.SameDevice(pair[1], pair[0]), pair)
	}
}
