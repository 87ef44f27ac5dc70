package signature_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

func TestVerifyMeta(t *testing.T) {
	const key = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
	good := hexMAC(key, body)
	require.Equal(t, "keep:sha256="+good, string(signature.SignMeta([]byte("keep:"), []byte(body),
		signature.NewSecret(key))))
	require.Equal(t, "keep:", string(signature.SignMeta([]byte("keep:"), []byte(body), signature.Secret{})))
	cases := []struct {
		name, header string
		want         error
	}{
		{"plain", "sha256=" + good, nil},
		{"upper case", "sha256=" + strings.ToUpper(good), nil},
		{"empty", "", signature.ErrMissing},
		{"no prefix", good, signature.ErrMalformed},
		{"other prefix", "sha1=" + good, signature.ErrMalformed},
		{"upper-case prefix", "SHA256=" + good, signature.ErrMalformed},
		{"prefix only", "sha256=", signature.ErrMalformed},
		{"space", "sha256= " + good, signature.ErrMalformed},
		{"65 digits", "sha256=" + good + "0", signature.ErrMalformed},
		{"NUL", "sha256=" + good[:63] + "\x00", signature.ErrMalformed},
		{"two", "sha256=" + good + ",sha256=" + good, signature.ErrMalformed},
		{"wrong", "sha256=" + strings.Repeat("0", 64), signature.ErrMismatch},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			matched, err := signature.VerifyMeta(c.header, []byte(body), secretsOf("other", "", key)...)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, err == nil, matched == 2)
		})
	}
	for n := range 64 {
		_, err := signature.VerifyMeta("sha256="+good[:n], []byte(body), signature.NewSecret(key))
		require.ErrorIs(t, err, signature.ErrMalformed, "a prefix of %d digits", n)
	}
	_, err := signature.VerifyMeta("sha256="+hexMAC("", body), []byte(body), secretsOf("")...)
	require.ErrorIs(t, err, signature.ErrNoSecret)
}
