package signature_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

func standardSecret(key string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(key))
}

func TestStandardWire(t *testing.T) {
	a, b := strings.Repeat("a", 24), strings.Repeat("b", 25)
	secrets := secretsOf(standardSecret(a), strings.TrimRight(standardSecret(b), "="))
	text := "msg_1.1782950400." + body
	header := "v1," + base64MAC(a, text) + " v1," + base64MAC(b, text)
	require.Equal(t, "keep:"+header, string(signature.SignStandard([]byte("keep:"), "msg_1", []byte(body),
		time.Unix(t0, 7), secrets...)))
	for i, s := range secrets {
		matched, err := signature.VerifyStandard("msg_1", "1782950400", header, []byte(body), time.Unix(t0, 0), 0,
			signature.NewSecret("not base64!"), s)
		require.NoError(t, err, "secret %d", i)
		require.Equal(t, 1, matched)
	}
}

func TestVerifyStandardHeaders(t *testing.T) {
	key := strings.Repeat("k", 24)
	sign := func(id, timestamp string) string { return "v1," + base64MAC(key, id+"."+timestamp+"."+body) }
	good := sign("msg_1", "1782950400")
	bad := "v1," + base64.StdEncoding.EncodeToString(make([]byte, 32))
	long := strings.Repeat("i", 255)
	cases := []struct {
		name, id, timestamp, header string
		want                        error
	}{
		{"plain", "msg_1", "1782950400", good, nil},
		{"second", "msg_1", "1782950400", bad + " " + good, nil},
		{"after asymmetric", "msg_1", "1782950400", "v1a," + base64.StdEncoding.EncodeToString(make([]byte, 64)) + " " + good,
			nil},
		{"spaces", "msg_1", "1782950400", "  " + bad + " \t  " + good + " ", nil},
		{"after nonsense", "msg_1", "1782950400", "v1 v1, , v1,*** " + good, nil},
		{"sixteen", "msg_1", "1782950400", strings.Repeat("v9,x ", 15) + good, nil},
		{"id of 255", long, "1782950400", sign(long, "1782950400"), nil},

		{"no id", "", "1782950400", sign("", "1782950400"), signature.ErrMissing},
		{"no timestamp", "msg_1", "", sign("msg_1", ""), signature.ErrMissing},
		{"no signature", "msg_1", "1782950400", "", signature.ErrMissing},
		{"id with a dot", "msg.1", "1782950400", sign("msg.1", "1782950400"), signature.ErrMalformed},
		{"id with a space", "msg 1", "1782950400", sign("msg 1", "1782950400"), signature.ErrMalformed},
		{"id with NUL", "msg\x00", "1782950400", sign("msg\x00", "1782950400"), signature.ErrMalformed},
		{"id of 256", long + "i", "1782950400", sign(long+"i", "1782950400"), signature.ErrMalformed},
		{"timestamp with zero", "msg_1", "01782950400", sign("msg_1", "01782950400"), signature.ErrMalformed},
		{"timestamp in ms", "msg_1", "1782950400000", sign("msg_1", "1782950400000"), signature.ErrMalformed},
		{"seventeen", "msg_1", "1782950400", strings.Repeat("v9,x ", 16) + good, signature.ErrMalformed},
		{"too long", "msg_1", "1782950400", good + strings.Repeat(" ", 4096), signature.ErrMalformed},
		{"asymmetric only", "msg_1", "1782950400", "v1a," + good[3:], signature.ErrMalformed},
		{"spaces only", "msg_1", "1782950400", "   ", signature.ErrMalformed},

		{"empty v1", "msg_1", "1782950400", "v1,", signature.ErrMismatch},
		{"wrong", "msg_1", "1782950400", bad, signature.ErrMismatch},
		{"other id", "msg_2", "1782950400", good, signature.ErrMismatch},
		{"other time", "msg_1", "1782950401", good, signature.ErrMismatch},
		{"without padding", "msg_1", "1782950400", strings.TrimRight(good, "="), signature.ErrMismatch},
		{"padding doubled", "msg_1", "1782950400", good + "=", signature.ErrMismatch},
		{"newline", "msg_1", "1782950400", good[:20] + "\n" + good[21:], signature.ErrMismatch},
		{"44 digits, 33 bytes", "msg_1", "1782950400", "v1," + strings.Repeat("A", 44), signature.ErrMismatch},
		{"33 bytes that begin right", "msg_1", "1782950400",
			"v1," + base64.StdEncoding.EncodeToString(append(mac(key, "msg_1.1782950400."+body), 0)), signature.ErrMismatch},
		{"loose last digit", "msg_1", "1782950400", looseLastDigit(good), signature.ErrMismatch},
		{"hex", "msg_1", "1782950400", "v1," + hexMAC(key, "msg_1.1782950400."+body), signature.ErrMismatch},
		{"old", "msg_1", "1782950099", sign("msg_1", "1782950099"), signature.ErrTooOld},
		{"new", "msg_1", "1782950701", sign("msg_1", "1782950701"), signature.ErrTooNew},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			matched, err := signature.VerifyStandard(c.id, c.timestamp, c.header, []byte(body), time.Unix(t0, 0), 0,
				signature.NewSecret(standardSecret(key)))
			require.ErrorIs(t, err, c.want)
			require.Equal(t, err == nil, matched == 0)
		})
	}
	for n := range len(good) - len("v1,") {
		_, err := signature.VerifyStandard("msg_1", "1782950400", good[:3+n], []byte(body), time.Unix(t0, 0), 0,
			signature.NewSecret(standardSecret(key)))
		require.ErrorIs(t, err, signature.ErrMismatch, "a prefix of %d digits", n)
	}
}

// looseLastDigit spells the same 32 bytes with one of the two unused bits set.
func looseLastDigit(header string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(header) - 2
	return header[:last] + string(digits[strings.IndexByte(digits, header[last])|1]) + "="
}

func TestStandardSecrets(t *testing.T) {
	key := strings.Repeat("k", 24)
	usable := []string{standardSecret(key), base64.StdEncoding.EncodeToString([]byte(key)),
		strings.TrimRight(standardSecret("25 bytes: one too many, ok"), "="), "v1," + standardSecret(key),
		"whsec_plJ3nmyCDGBKInavdOK15jslAAAAAAAA", standardSecret(strings.Repeat("k", 100))}
	for _, text := range usable {
		require.NoError(t, signature.CheckStandard(signature.NewSecret(text)), text)
	}
	require.NoError(t, signature.CheckStandard(signature.GenerateSecret()))

	good := signature.NewSecret(standardSecret(key))
	for _, text := range []string{"", "whsec_", "whsec_!", "whsec_a", "whsec_-_-_", "whsec_YWFhYWFhYWFhYWFh\nYWFh",
		"whsec_YQ===", " " + standardSecret(key), "v1," + base64.StdEncoding.EncodeToString([]byte(key)),
		"v2," + standardSecret(key)} {
		secret := signature.NewSecret(text)
		err := signature.CheckStandard(secret)
		require.ErrorIs(t, err, signature.ErrNoSecret, "%q", text)
		header := signature.SignStandard(nil, "msg_1", nil, time.Unix(t0, 0), good, secret)
		require.Empty(t, header, "%q must not sign in part", text)
		_, err = signature.VerifyStandard("msg_1", "1782950400", "v1,"+base64MAC("", "msg_1.1782950400."), nil,
			time.Unix(t0, 0), 0, secret)
		require.ErrorIs(t, err, signature.ErrNoSecret, "%q", text)
		require.ErrorContains(t, err, "base64")
	}
	for _, text := range []string{standardSecret(strings.Repeat("k", 23)), "v1," + standardSecret("k"), "YWFh",
		"whsec_plJ3nmyCDGBKInavdOK15jsg"[:30]} {
		secret := signature.NewSecret(text)
		require.ErrorIs(t, signature.CheckStandard(secret), signature.ErrNoSecret, "%q", text)
		require.ErrorContains(t, signature.CheckStandard(secret), "fewer than 24 bytes")
		require.Empty(t, signature.SignStandard(nil, "msg_1", nil, time.Unix(t0, 0), secret), "%q", text)
		header := "v1," + base64MAC("k", "msg_1.1782950400.")
		_, err := signature.VerifyStandard("msg_1", "1782950400", header, nil, time.Unix(t0, 0), 0, secret)
		require.ErrorIs(t, err, signature.ErrNoSecret, "%q", text)
		require.ErrorContains(t, err, "fewer than 24 bytes")
	}
}

// Spaces that senders or proxies leave are no entries, up to the longest header there may be.
func TestStandardHeadersWithSpaces(t *testing.T) {
	secret := signature.GenerateSecret()
	good := string(signature.SignStandard(nil, "msg_1", nil, time.Unix(t0, 0), secret))
	for header, want := range map[string]error{
		strings.Repeat(" ", 40) + good:                                 nil,
		good + strings.Repeat(" ", 4096-len(good)):                     nil,
		good + strings.Repeat(" ", 4097-len(good)):                     signature.ErrMalformed,
		strings.Repeat("v1,x ", 15) + good:                             nil,
		strings.Repeat("v1,x ", 16) + good:                             signature.ErrMalformed,
		strings.Repeat("v1,x \t ", 15) + strings.Repeat(" ", 9) + good: nil,
	} {
		_, err := signature.VerifyStandard("msg_1", "1782950400", header, nil, time.Unix(t0, 0), 0, secret)
		require.ErrorIs(t, err, want, "%q", header)
	}
}

func TestStandardSignsNothingWithoutMeans(t *testing.T) {
	secret := signature.GenerateSecret()
	for _, id := range []string{"", "a.b", "a b", "a\n", "é", strings.Repeat("i", 256)} {
		require.Empty(t, signature.SignStandard(nil, id, nil, time.Unix(t0, 0), secret), "%q", id)
	}
	require.Empty(t, signature.SignStandard(nil, "a", nil, time.Unix(-1, 0), secret))
	require.Empty(t, signature.SignStandard(nil, "a", nil, time.Unix(t0, 0)))
	require.Empty(t, signature.SignStandard(nil, "a", nil, time.Unix(t0, 0), make([]signature.Secret, 17)...))
}
