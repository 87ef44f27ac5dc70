package wire_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
	"github.com/stretchr/testify/require"
)

// FuzzNeighbours puts any value at each member of note and into its items: what stands beside it is read, and what does
// not fit is told.
func FuzzNeighbours(f *testing.F) {
	for _, value := range []string{
		`1`, `-0.5e-7`, `1e999`, `99999999999999999999`, `true`, `null`, `""`, `"12"`, `"NaN"`, `"\ud800"`, `[]`, `{}`,
		`[1,"a",{}]`, `[[]]`,
		`{"id":{},"n":"?","item":{"item":[]}}`, `{"text":[],"n":{}}`, `{"0":1}`, `{"id":1,"ID":2}`, `"2026-07-01T00:00:00Z"`,
		`[{"id":"a"},7]`,
	} {
		f.Add([]byte(value))
	}
	members := []string{
		"id", "count", "small", "size", "degree", "yes", "live", "name", "inner", "at", "list", "items", "labels", "price",
		"when", "own",
		"later", "unknown",
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		s := wire.NewScanner(value)
		if err := s.Skip(); err != nil || s.End() != nil {
			return
		}
		for _, member := range members {
			body := `{"` + member + `":` + string(value) + `,"last":"read"}`
			got := note{ID: "as it was"}
			require.NoError(t, wire.Decode([]byte(body), &got), body)
			require.Equal(t, "read", got.Last, body)
			if member != "id" {
				require.Equal(t, "as it was", got.ID, body)
			}
			strict := plainNote{ID: "as it was"}
			if json.Unmarshal([]byte(body), &strict) == nil && member != "own" && member != "items" {
				require.NoError(t, got.Err, "encoding/json reads it")
			}
			if got.Err != nil {
				require.ErrorIs(t, got.Err, wire.ErrMalformed)
				require.Contains(t, got.Err.Error(), member)
			}
		}
		var got note
		require.NoError(t, wire.Decode([]byte(`{"items":[{"id":"1"},`+string(value)+`,{"id":"3"}]}`), &got))
		require.NoError(t, got.Err)
		require.Len(t, got.Items, 3)
		require.Equal(t, []string{"1", "3"}, []string{got.Items[0].ID, got.Items[2].ID})
		require.Equal(t, bytes.Trim(value, " \t\r\n"), []byte(got.Items[1].Raw))
	})
}

// plainNote is a note that encoding/json reads by its own rules.
type plainNote note
