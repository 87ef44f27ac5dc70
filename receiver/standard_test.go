package receiver_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

const standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var standardBody = []byte(`{"type":"user.created","timestamp":"2026-07-01T00:00:00Z","data":{"id":"u1"}}`)

func standardPost(id string, at time.Time, body []byte) *http.Request {
	key, _ := base64.StdEncoding.DecodeString(standardSecret[len("whsec_"):])
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + t + "."))
	mac.Write(body)
	return post(body, "webhook-id", id, "webhook-timestamp", t, "webhook-signature",
		"v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func TestStandard(t *testing.T) {
	k := newRig(t, nil, dialects(receiver.Standard(keys(standardSecret))))
	require.Equal(t, 200, k.serve(standardPost("msg_1", time.Now(), standardBody)).Code)
	ev := k.last(t)
	require.Equal(t, envelope.Standard, ev.Source)
	require.Equal(t, "user.created", ev.Type)
	require.Equal(t, "msg_1", ev.ID)
	require.Equal(t, "standard:msg_1", ev.Key)
	require.Equal(t, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), ev.CreatedAt)

	require.Equal(t, 200, k.serve(standardPost("msg_1", time.Now(), standardBody)).Code)
	require.Equal(t, 1, k.runs(), "the id is signed and decides")
	require.Equal(t, 200, k.serve(standardPost("msg_2", time.Now(), []byte(`{"timestamp":"soon"}`))).Code)
	require.Equal(t, "unknown", k.last(t).Type)
	require.Zero(t, k.last(t).CreatedAt)

	forged := standardPost("msg_3", time.Now(), standardBody)
	forged.Header.Set("Webhook-Id", "msg_4")
	require.Equal(t, 401, k.serve(forged).Code)
	require.Equal(t, 401, k.serve(standardPost("msg_5", time.Now().Add(-time.Hour), standardBody)).Code)
	require.Equal(t, 400, k.serve(standardPost("msg_6", time.Now(), []byte(`[]`))).Code)
	twice := standardPost("msg_7", time.Now(), standardBody)
	twice.Header.Add("Webhook-Id", "msg_7")
	require.Equal(t, 400, k.serve(twice).Code)
}

// A keyring with public keys takes v1a, beside v1 while the sender goes over to it, and follows a rotation.
func TestStandardEd25519(t *testing.T) {
	old, fresh, shared := signature.GenerateEd25519(), signature.GenerateEd25519(), signature.NewSecret(standardSecret)
	keyring := signature.NewKeyring(shared, old.Public())
	k := newRig(t, nil, dialects(receiver.Standard(keyring)))
	send := func(id string, secrets ...signature.Secret) int {
		r := standardPost(id, time.Now(), standardBody)
		r.Header.Set("Webhook-Signature", string(signature.SignStandard(nil, id, standardBody, time.Now(), secrets...)))
		return k.serve(r).Code
	}
	require.Equal(t, 200, send("msg_1", shared))
	require.Zero(t, k.last(t).Secret)
	require.Equal(t, 200, send("msg_2", old))
	require.Equal(t, 1, k.last(t).Secret)
	require.Equal(t, 401, send("msg_3", fresh))
	require.Equal(t, 200, send("msg_4", fresh, old))
	require.NoError(t, keyring.Replace(fresh.Public(), old.Public()))
	require.Equal(t, 200, send("msg_5", fresh))
	require.Equal(t, 401, send("msg_6", shared))
}

func TestPrivateKeyIsRefusedByReceivers(t *testing.T) {
	private := signature.GenerateEd25519()
	err := build(receiver.Standard(signature.NewKeyring(private)))
	require.ErrorContains(t, err, "secret 0: a private key (whsk_) has left its sender")
	require.NotContains(t, err.Error(), private.Reveal())
	require.NoError(t, build(receiver.Standard(signature.NewKeyring(private.Public()))))
	public := signature.NewKeyring(private.Public())
	for _, d := range []receiver.Dialect{receiver.Kirim(public), receiver.Meta(public, signature.NewSecret(verifyToken))} {
		require.ErrorContains(t, build(d), "no secret to share")
	}
}
