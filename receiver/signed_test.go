package receiver_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestSignedDialect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		event := envelope.Event{Body: []byte(`{"uid":"o-1","kind":"order.paid"}`)}
		k := newRig(t, returns(nil), dialects(receiver.Signed("acme", acmeScheme, keys(kirimSecret), parseAcme)))
		secret := signature.NewSecret(kirimSecret)
		require.Equal(t, 200, k.serve(receivertest.Request(t, &acmeScheme, secret, event)).Code)
		require.Equal(t, 200, k.serve(receivertest.Request(t, &acmeScheme, secret, event)).Code)
		require.Equal(t, 1, k.runs(), "the second is a duplicate")

		require.Equal(t, 401, k.serve(receivertest.Request(t, &acmeScheme, signature.GenerateSecret(), event)).Code)
		late := receivertest.Request(t, &acmeScheme, secret, event)
		time.Sleep(301 * time.Second)
		require.Equal(t, 401, k.serve(late).Code)
		twice := receivertest.Request(t, &acmeScheme, secret, event)
		twice.Header.Add("Acme-Signature", twice.Header.Get("Acme-Signature"))
		require.Equal(t, 400, k.serve(twice).Code)
		require.Equal(t, 401, k.serve(kirimPost(nativeBody)).Code)
	})
}

func TestSignedDialectWithPublicKeys(t *testing.T) {
	asymmetric := acmeScheme
	asymmetric.Ed25519Prefix = "v1a="
	private, shared := signature.GenerateEd25519(), signature.GenerateSecret()
	k := newRig(t, returns(nil), dialects(receiver.Signed("acme", asymmetric,
		signature.NewKeyring(private.Public(), shared), parseAcme)))
	event := envelope.Event{Body: []byte(`{"uid":"o-1","kind":"order.paid"}`)}
	for secret, want := range map[signature.Secret]int{private: 200, shared: 200, signature.GenerateEd25519(): 401} {
		require.Equal(t, want, k.serve(receivertest.Request(t, &asymmetric, secret, event)).Code)
	}
}

func TestSignedDialectComplains(t *testing.T) {
	coded := acmeScheme
	coded.Base64Key = true
	asymmetric := acmeScheme
	asymmetric.Ed25519Prefix = "v1a="
	private := signature.GenerateEd25519()
	for name, test := range map[string]struct {
		scheme signature.Scheme
		secret string
		fits   bool
	}{
		"whole":           {acmeScheme, kirimSecret, true},
		"whole, short":    {acmeScheme, "15 bytes long..", false},
		"base64":          {coded, standardText(24), true},
		"not base64":      {coded, kirimSecret, false},
		"public":          {asymmetric, private.Public().Reveal(), true},
		"shared, both":    {asymmetric, kirimSecret, true},
		"private":         {asymmetric, private.Reveal(), false},
		"public, unasked": {acmeScheme, private.Public().Reveal(), false},
		"public, coded":   {coded, private.Public().Reveal(), false},
		"no secret":       {acmeScheme, "", false},
		"no header":       {signature.Scheme{Payload: "{body}"}, kirimSecret, false},
		"no place of t":   {signature.Scheme{Header: "S", Payload: "{t}.{body}"}, kirimSecret, false},
		"trailing spaces": {acmeScheme, kirimSecret + " ", false},
	} {
		err := build(receiver.Signed("acme", test.scheme, keys(test.secret), parseAcme))
		require.Equal(t, test.fits, err == nil, "%s: %v", name, err)
	}
	require.ErrorContains(t, build(receiver.Signed("acme", acmeScheme, nil, parseAcme)), "no secret")
}
