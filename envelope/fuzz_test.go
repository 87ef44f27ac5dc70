package envelope_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

// FuzzScan holds Scan against encoding/json: it accepts exactly the valid objects that nest at most 64 deep and whose
// top-level keys encoding/json cannot confuse, and sees the same keys and values.
func FuzzScan(f *testing.F) {
	for s := range samples.Corpus() {
		f.Add(s.Body)
	}
	for _, body := range []string{
		nested(64), nested(65), manyKeys(20, ""), manyKeys(20, `,"K1":1`), `{"a":1,"\u0041":2}`, "{\"\xff\":1,\"\xfe\":2}",
		`{"s":-0.5e-7,"` + "\u017f" + `":[true,false,null,{}]} `, `{"a":"\ud800\u0000"}`, "\ufeff{}", `{}{}`,
		"{\"\xff\":\"\xff\"}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := envelope.Scan(body)
		if err != nil {
			require.ErrorIs(t, err, envelope.ErrMalformed)
			require.False(t, shouldScan(body), "refused: %v", err)
			return
		}
		require.True(t, shouldScan(body), "accepted")

		var want map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(body, &want))
		got := map[string]json.RawMessage{}
		for key, value := range m.All() {
			got[key] = value
			require.Equal(t, value, m.Raw(key))
			var text string
			wantText := json.Unmarshal(value, &text) == nil && value[0] == '"'
			gotText, ok := m.Text(key)
			require.Equal(t, wantText, ok)
			require.Equal(t, text, gotText)
		}
		require.Equal(t, want, got)
	})
}

// shouldScan says with encoding/json alone what Scan promises.
func shouldScan(body []byte) bool {
	if !json.Valid(body) || !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return false
	}
	depth, keyNext := 0, false
	var keys []string
	for d := json.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return true
		}
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > 64 {
				return false
			}
			keyNext = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 1 && keyNext {
			key := token.(string)
			for _, k := range keys {
				if strings.EqualFold(k, key) {
					return false
				}
			}
			keys = append(keys, key)
			keyNext = false
		} else if depth == 1 {
			keyNext = true
		}
	}
}
