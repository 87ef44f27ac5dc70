package pgstore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What a server makes of these is tested with one; this names the spelling.
func TestLiterals(t *testing.T) {
	at := time.Date(2026, 1, 2, 10, 4, 5, 6000, time.FixedZone("WIB", 7*3600))
	for _, x := range []struct{ value, want any }{
		{[]string{}, `{}`},
		{[]string{"a", "", `b"c\d`, "e,{f}"}, `{"a","","b\"c\\d","e,{f}"}`},
		{[]string(nil), nil},
		{[][]byte{{}, {0, 255}}, `{"\\x","\\x00ff"}`},
		{[]bool{true, false}, `{true,false}`},
		{[]int32{1, -2}, `{1,-2}`},
		{[]*time.Time{nil, &at}, `{NULL,"2026-01-02T03:04:05.000006Z"}`},
		{int64(7), int64(7)},
		{"text", "text"},
	} {
		require.Equal(t, x.want, literal(x.value))
	}
}
