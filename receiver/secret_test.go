package receiver_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// keyed are the dialects that have a keyring, each with a secret that fits.
var keyed = map[string]struct {
	dialect func(*signature.Keyring) receiver.Dialect
	secret  string
	least   int // bytes of a secret
}{
	"kirim":   {receiver.Kirim, kirimSecret, 16},
	"kirisan": {receiver.Kirisan, kirisanSecret, 1},
	"meta": {func(k *signature.Keyring) receiver.Dialect {
		return receiver.Meta(k, signature.NewSecret(verifyToken))
	}, appSecret, 16},
	"standard": {receiver.Standard, standardText(24), len(standardText(24))},
}

func standardText(bytes int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", bytes)))
}

func build(d receiver.Dialect) error {
	_, err := receiver.Handler(returns(nil), receiver.Config{Dialects: []receiver.Dialect{d}})
	return err
}

// What a file or a shell left around a secret is refused with a word where the handler is made, and so is a key that is
// short.
func TestSecretsThatFit(t *testing.T) {
	for name, test := range keyed {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, build(test.dialect(keys(test.secret))))
			for _, mark := range []string{" ", "\n", "\t", "\ufeff", `"`, "'", "`"} {
				for _, text := range []string{mark + test.secret, test.secret + mark, mark + test.secret + mark} {
					err := build(test.dialect(keys(test.secret, text)))
					require.ErrorIs(t, err, signature.ErrNoSecret, "%q", text)
					require.ErrorContains(t, err, "dialect "+name+": secret 1: ", "%q", text)
					require.NotContains(t, err.Error(), test.secret)
					if name != "standard" {
						require.ErrorContains(t, err, "begins or ends with", "%q", text)
					}
				}
			}
			if name != "standard" {
				require.NoError(t, build(test.dialect(keys(strings.Repeat("k", test.least)))))
			}
			require.Error(t, build(test.dialect(keys(test.secret, strings.Repeat("k", test.least-1)))))
		})
	}
	require.ErrorContains(t, build(receiver.Standard(keys(standardText(23)))), "secret 0: ")
	require.ErrorContains(t, build(receiver.Standard(keys(standardText(23)))), "fewer than 24 bytes")
	require.NoError(t, build(receiver.Standard(keys("v1,"+standardText(24)))))
	ring, err := signature.ParseKeyring("v1," + standardText(32))
	require.NoError(t, err)
	require.NoError(t, build(receiver.Standard(ring)))
	for _, text := range []string{" a", "a\n", `"a"`, "\ufeffa"} {
		err := build(receiver.Meta(keys(appSecret), signature.NewSecret(text)))
		require.ErrorContains(t, err, "dialect meta: verify token: ", "%q", text)
		require.ErrorContains(t, err, "begins or ends with", "%q", text)
	}
}

// A secret that was shown as "v1,whsec_…" verifies what was signed with its key, and no part of it verifies anything.
func TestSecretsShownWithTheirVersion(t *testing.T) {
	ring, err := signature.ParseKeyring("v1," + standardText(32))
	require.NoError(t, err)
	ask := func(text string) *http.Request {
		body, now := []byte(`{"type":"a"}`), time.Now()
		r := post(body, "Webhook-Id", "msg_1", "Webhook-Timestamp", sign("", now, nil)[2:12])
		r.Header.Set("Webhook-Signature", string(signature.SignStandard(nil, "msg_1", body, now, signature.NewSecret(text))))
		return r
	}
	k := newRig(t, nil, dialects(receiver.Standard(ring)))
	require.Equal(t, 200, k.serve(ask(standardText(32))).Code)
	require.Equal(t, 401, k.serve(ask(standardText(33))).Code)

	k = newRig(t, nil, dialects(receiver.Kirim(keys(kirimSecret)), receiver.Standard(ring)))
	forged := post(nativeBody, "X-Kirim-Signature", sign("v1", time.Now(), nativeBody))
	require.Equal(t, 401, k.serve(forged).Code)
}

// A keyring whose secrets are replaced by short ones later does not let in who guesses them.
func TestShortKeysProveNothingLater(t *testing.T) {
	const short = "fifteen bytes.."
	kirim, meta := keys(kirimSecret), keys(appSecret)
	k := newRig(t, nil, dialects(receiver.Kirim(kirim), receiver.Meta(meta, signature.NewSecret(verifyToken))))
	require.NoError(t, kirim.Replace(signature.NewSecret(short), signature.NewSecret(kirimSecret)))
	require.NoError(t, meta.Replace(signature.NewSecret(short), signature.NewSecret(appSecret)))
	for _, r := range []*http.Request{
		post(nativeBody, "X-Kirim-Signature", sign(short, time.Now(), nativeBody)),
		post(messageBody, "X-Hub-Signature-256", string(signature.SignMeta(nil, messageBody, signature.NewSecret(short)))),
	} {
		require.Equal(t, 401, k.serve(r).Code)
		require.ErrorIs(t, k.rejected[len(k.rejected)-1], signature.ErrNoSecret)
		require.ErrorContains(t, k.rejected[len(k.rejected)-1], "secret 0: 15 bytes, at least 16 are needed")
	}
	require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
	require.Equal(t, 1, k.last(t).Secret)
	require.Equal(t, 200, k.serve(metaPost(messageBody)).Code)
}
