package node_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
)

// Scan reads objects alone, so each case of JSONTestSuite becomes the value of a member. What the suite leaves to a
// parser must be as encoding/json has it, so that no body passes here and fails to decode.
func (p *peer) readAsTheirSuiteDemands(t *testing.T) {
	resp, err := http.Get(p.url + "/json")
	require.NoError(t, err)
	defer resp.Body.Close()
	var cases []struct{ Name, Input string }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&cases))
	for _, c := range cases {
		body := []byte(`{"value":` + c.Input + `}`)
		members, err := envelope.Scan(body)
		var decoded map[string]json.RawMessage
		theirs := json.Unmarshal(body, &decoded)
		switch {
		case strings.HasPrefix(c.Name, "n_"):
			require.ErrorIs(t, err, envelope.ErrMalformed, c.Name)
		case c.Name == "i_structure_500_nested_arrays.json":
			require.ErrorIs(t, err, envelope.ErrMalformed, "64 levels are enough for every body")
		default:
			require.Equal(t, theirs == nil, err == nil, "%s: ours %v, encoding/json %v", c.Name, err, theirs)
		}
		if strings.HasPrefix(c.Name, "y_") {
			require.NoError(t, err, c.Name)
		}
		if err == nil {
			require.Equal(t, string(decoded["value"]), string(members.Raw("value")), c.Name)
		}
	}
	tally.Ran(t, len(cases), 300)
}
