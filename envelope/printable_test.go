package envelope_test

import (
	"strings"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/stretchr/testify/require"
)

func TestPrintable(t *testing.T) {
	for s, want := range map[string]bool{
		"evt_1": true, "!~": true, "any thing": true, strings.Repeat("a", 255): true,
		"": false, " a": false, "a ": false, " ": false, "a\tb": false, "a\x7f": false, "é": false, "a\x00": false,
		strings.Repeat("a", 256): false,
	} {
		require.Equal(t, want, envelope.Printable(s, 255), "%q", s)
	}
	require.False(t, envelope.Printable(strings.Repeat("a", 129), 128))
}
