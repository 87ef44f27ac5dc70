package kirim_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/stretchr/testify/require"
)

func TestTime(t *testing.T) {
	for text, want := range map[string]string{
		`"2026-07-02T07:00:00.1239+07:00"`: `"2026-07-02T00:00:00.123Z"`,
		`"2026-07-02T00:00:00Z"`:           `"2026-07-02T00:00:00.000Z"`,
		`"9999-12-31T23:59:59-23:59"`:      `null`,
		`"2026-07-02"`:                     `null`,
		`""`:                               `null`,
		`null`:                             `null`,
		`17`:                               `null`,
		`{}`:                               `null`,
	} {
		var got kirim.Time
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		encoded, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, want, string(encoded))
	}
	_, err := json.Marshal(kirim.Time{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.Error(t, err)
}
