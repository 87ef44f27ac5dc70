package signature_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

func TestVerifyShared(t *testing.T) {
	long := strings.Repeat("x", 512)
	cases := []struct {
		name, header string
		secrets      []string
		matched      int
		want         error
	}{
		{"plain", "rahasia", []string{"rahasia"}, 0, nil},
		{"one character", "r", []string{"r"}, 0, nil},
		{"second of three", "b", []string{"a", "b", "c"}, 1, nil},
		{"past an empty one", "b", []string{"", "b"}, 1, nil},
		{"512 bytes", long, []string{long}, 0, nil},
		{"513 bytes", long + "x", []string{long + "x"}, 0, nil},
		{"1 MiB", strings.Repeat("x", 1<<20), []string{strings.Repeat("x", 1<<20)}, 0, nil},
		{"spaces count", "rahasia ", []string{"rahasia"}, -1, signature.ErrMismatch},
		{"case counts", "Rahasia", []string{"rahasia"}, -1, signature.ErrMismatch},
		{"prefix", "rahasi", []string{"rahasia"}, -1, signature.ErrMismatch},
		{"longer", long + "x", []string{long}, -1, signature.ErrMismatch},
		{"NUL behind", "rahasia\x00", []string{"rahasia"}, -1, signature.ErrMismatch},
		{"empty header", "", []string{"rahasia"}, -1, signature.ErrMissing},
		{"empty header, empty secret", "", []string{""}, -1, signature.ErrMissing},
		{"empty secret", "rahasia", []string{""}, -1, signature.ErrNoSecret},
		{"no secret", "rahasia", nil, -1, signature.ErrNoSecret},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			matched, err := signature.VerifyShared(c.header, secretsOf(c.secrets...)...)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, c.matched, matched)
		})
	}
}
