package signatures_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v82/webhook"
	"pgregory.net/rapid"

	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Kirim's scheme is Stripe's: t, a dot and the body under the whole secret, in hex.
func TestStripeVerifiesOurs(t *testing.T) {
	n, now := 0, time.Now()
	other := signature.NewSecret("the old one, still active")
	for _, text := range secrets {
		secret := signature.NewSecret(text)
		for _, body := range bodies() {
			require.NoError(t, webhook.ValidatePayload(body, string(signature.SignKirim(nil, body, now, secret)), text))
			require.NoError(t, webhook.ValidatePayload(body, string(signature.SignKirim(nil, body, now, other, secret)), text),
				"while it is rotated")
			require.Error(t, webhook.ValidatePayload(body, string(signature.SignKirim(nil, body, now, other)), text))
			n += 3
		}
	}
	tally.Ran(t, n, 5000)
}

func TestOursVerifiesStripe(t *testing.T) {
	n, now := 0, time.Now()
	for _, text := range secrets {
		secret := signature.NewSecret(text)
		for _, body := range bodies() {
			signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: text, Timestamp: now})
			matched, err := signature.VerifyKirim(signed.Header, body, now, 0, signature.NewSecret("another"), secret)
			require.NoError(t, err)
			require.Equal(t, 1, matched)
			_, err = signature.VerifyKirim(signed.Header, append(body[:len(body):len(body)], ' '), now, 0, secret)
			require.ErrorIs(t, err, signature.ErrMismatch)
			n += 2
		}
	}
	tally.Ran(t, n, 3000)
}

// Headers are made of pieces, good and bad. Where the verdicts differ, deliberate must know why.
func TestStripeReadsHeadersAsWeDo(t *testing.T) {
	const text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	body, now := []byte(`{"id":"evt_1"}`), time.Now()
	secret := signature.NewSecret(text)
	stamp := strconv.FormatInt(now.Unix(), 10)
	mac := strings.TrimPrefix(string(signature.SignKirim(nil, body, now, secret)), "t="+stamp+",v1=")
	wrong := strings.Repeat("0", 64)
	old := strconv.FormatInt(now.Add(-10*time.Minute).Unix(), 10)
	pieces := []string{
		"t=" + stamp, "t=" + stamp, "t=" + old, "t=0" + stamp, "t=+" + stamp, "t=", "t=x", " t=" + stamp, "T=" + stamp,
		"v1=" + mac, "v1=" + mac, "v1=" + strings.ToUpper(mac), "v1=" + wrong, "v1=" + mac[:32], "v1=" + mac + "00", "v1=",
		"v1=zz",
		" v1=" + mac, "v1=" + mac + "\t", "v0=" + mac, "V1=" + mac, "", "x", "v1", "a=b", "a=b=c", "v1=" + mac + "=",
	}
	n, accepted := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		for range 100 {
			header := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 5).Draw(rt, "entries"), ",")
			_, err := signature.VerifyKirim(header, body, now, 0, secret)
			theirs := webhook.ValidatePayload(body, header, text)
			n++
			if err == nil {
				accepted++
			}
			if (err == nil) != (theirs == nil) && deliberate(header, err == nil) == "" {
				rt.Fatalf("%q: ours %v, Stripe's %v", header, err, theirs)
			}
		}
	})
	require.Greater(t, accepted, n/100, "of %d", n)
	tally.Ran(t, n, 2000)
}

// deliberate gives the reason why ours accepts what Stripe's refuses, or the other way round.
func deliberate(header string, accepted bool) string {
	times := 0
	for entry := range strings.SplitSeq(header, ",") {
		trimmed := strings.Trim(entry, " \t")
		if accepted {
			switch {
			case trimmed != entry:
				return "ours trims white space, which proxies may add around list entries"
			case strings.Count(entry, "=") != 1:
				return "ours passes over entries that it does not understand"
			}
			continue
		}
		if value, ok := strings.CutPrefix(trimmed, "t="); ok {
			times++
			if value == "" || value[0] < '1' || value[0] > '9' {
				return "ours takes canonical decimal alone, since two spellings are two texts that may be signed"
			}
		}
	}
	if times > 1 {
		return "ours refuses two times, of which Stripe's takes the last"
	}
	return ""
}
