package main

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// What decode takes encoding/json takes too, value for value and byte for byte, and whatever is no stranger than an
// event may be it takes.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `{}`, `null`, `[]`, `"a"`, `{"a":1}`, `{"a":1,}`, `{"a":1}}`, `{"a":1} x`, `{"a":1,"a":2}`, `{"A":1}`,
		`{"a":"x","b":{"c":[1,2]}}`,
		`{"b": {"a":1.50,"a":"\u0041"} }`, "{\"b\":\"\xff\"}", `{"a":nul}`, `{"a" 1}`,
		`{"a":"` + strings.Repeat("x", 9000) + `"}`, `{"\u0061":1}`,
		`{"b":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var a, b json.RawMessage
		r := httptest.NewRequest("POST", "/", strings.NewReader(text))
		err := decode(r, fields{"a": &a, "b": &b})
		if err != nil {
			members, strange := envelope.Scan([]byte(text))
			for name := range members.All() {
				if name != "a" && name != "b" {
					return
				}
			}
			require.Error(t, strange, text)
			return
		}
		var want map[string]json.RawMessage
		if strings.TrimSpace(text) != "" {
			require.NoError(t, json.Unmarshal([]byte(text), &want))
		}
		require.Equal(t, want["a"], a)
		require.Equal(t, want["b"], b)
		require.Contains(t, text, string(a))
		require.Contains(t, text, string(b))
	})
}
