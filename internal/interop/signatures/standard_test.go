package signatures_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
	"github.com/kirimhooks/kirimhooks/signature"
)

// The vector that the libraries of Standard Webhooks share.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTime      = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func TestStandardVector(t *testing.T) {
	at := time.Unix(vectorTime, 0)
	for _, text := range []string{vectorSecret, strings.TrimPrefix(vectorSecret, "whsec_")} {
		secret := signature.NewSecret(text)
		require.Equal(t, vectorSignature, string(signature.SignStandard(nil, vectorID, []byte(vectorBody), at, secret)))
		_, err := signature.VerifyStandard(vectorID, strconv.Itoa(vectorTime), vectorSignature, []byte(vectorBody), at, 0,
			secret)
		require.NoError(t, err)
	}
}

// standardSecrets are keys of 24 to 64 bytes, with and without prefix.
func standardSecrets() []string {
	var all []string
	for n := 24; n <= 64; n++ {
		key := base64.StdEncoding.EncodeToString(bodies()[len(bodies())-200+n])
		all = append(all, "whsec_"+key, key)
	}
	return all
}

func TestStandardBothWays(t *testing.T) {
	n, now := 0, time.Now()
	secrets := standardSecrets()
	for i, text := range secrets {
		secret := signature.NewSecret(text)
		theirs, err := standardwebhooks.NewWebhook(text)
		require.NoError(t, err)
		for j, body := range bodies() {
			if j%len(secrets) != i && j > 5 {
				continue // each body under one secret, and the odd ones under all
			}
			id := "msg_" + strconv.Itoa(n)
			h := http.Header{}
			h.Set("Webhook-Id", id)
			h.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
			h.Set("Webhook-Signature", string(signature.SignStandard(nil, id, body, now,
				signature.NewSecret("whsec_b3RoZXIgYW5kIGxvbmcgZW5vdWdoIGZvciBhIGtleQ=="), secret)))
			require.NoError(t, theirs.Verify(body, h))

			signed, err := theirs.Sign(id, now, body)
			require.NoError(t, err)
			_, err = signature.VerifyStandard(id, h.Get("Webhook-Timestamp"), signed, body, now, 0, secret)
			require.NoError(t, err)
			n += 2
		}
	}
	tally.Ran(t, n, 1000)
}

// Requests that are wrong in one way each: both verdicts, or the reason why they differ.
func TestStandardRefusesTheSame(t *testing.T) {
	secret := signature.NewSecret(vectorSecret)
	theirs, err := standardwebhooks.NewWebhook(vectorSecret)
	require.NoError(t, err)
	now := time.Now()
	sign := func(id string, at time.Time) string {
		s, err := theirs.Sign(id, at, []byte(vectorBody))
		require.NoError(t, err)
		return s
	}
	stamp := func(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
	good := sign(vectorID, now)
	early, late := now.Add(-5*time.Minute-2*time.Second), now.Add(5*time.Minute+2*time.Second)
	cases := []struct {
		name, id, time, signature string
		ours, theirs              bool
		why                       string
	}{
		{name: "good", id: vectorID, time: stamp(now), signature: good, ours: true, theirs: true},
		{name: "among others", id: vectorID, time: stamp(now),
			signature: "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x " + good, ours: true, theirs: true},
		{name: "no id", time: stamp(now), signature: good},
		{name: "no time", id: vectorID, signature: good},
		{name: "no signature", id: vectorID, time: stamp(now)},
		{name: "wrong", id: vectorID, time: stamp(now), signature: "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="},
		{name: "version alone", id: vectorID, time: stamp(now), signature: "v1,"},
		{name: "no version", id: vectorID, time: stamp(now), signature: strings.TrimPrefix(good, "v1,")},
		{name: "another version", id: vectorID, time: stamp(now), signature: "v2" + good[2:]},
		{name: "truncated", id: vectorID, time: stamp(now), signature: good[:20]},
		{name: "other id", id: "msg_x", time: stamp(now), signature: good},
		{name: "too old", id: vectorID, time: stamp(early), signature: sign(vectorID, early)},
		{name: "too new", id: vectorID, time: stamp(late), signature: sign(vectorID, late)},
		{name: "time of letters", id: vectorID, time: "soon", signature: good},
		{
			name: "time with a leading zero", id: vectorID, time: "0" + stamp(now), signature: good, theirs: true,
			why: "theirs signs the number, not the text that was sent, so that many texts fit one signature",
		},
		{
			name: "id with a dot", id: "msg.1", time: stamp(now), signature: sign("msg.1", now), theirs: true,
			why: "the specification forbids it: a dot lets two requests share one signed text",
		},
		{
			name: "more after a comma", id: vectorID, time: stamp(now), signature: good + ",more", theirs: true,
			why: "ours takes a signature whole or not at all",
		},
	}
	for _, c := range cases {
		h := http.Header{}
		h.Set("Webhook-Id", c.id)
		h.Set("Webhook-Timestamp", c.time)
		h.Set("Webhook-Signature", c.signature)
		require.Equal(t, c.theirs, theirs.Verify([]byte(vectorBody), h) == nil, "theirs: %s", c.name)
		_, err := signature.VerifyStandard(c.id, c.time, c.signature, []byte(vectorBody), now, 0, secret)
		require.Equal(t, c.ours, err == nil, "ours: %s: %v", c.name, err)
		require.Equal(t, c.ours != c.theirs, c.why != "", c.name)
	}
	tally.Ran(t, len(cases), 0)
}
