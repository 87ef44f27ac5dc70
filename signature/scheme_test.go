package signature_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

// schemes are those of well-known senders.
var schemes = map[string]struct {
	scheme signature.Scheme
	want   func(key string) http.Header
}{
	"t.body": {
		signature.Scheme{Header: "Acme-Signature", Payload: "{t}.{body}", Prefix: "v1=", Separator: ","},
		func(key string) http.Header {
			return http.Header{"Acme-Signature": {"t=1782950400,v1=" + hexMAC(key, "1782950400."+body)}}
		},
	},
	"v0:t:body": {
		signature.Scheme{
			Header: "X-Slack-Signature", TimeHeader: "X-Slack-Request-Timestamp", Payload: "v0:{t}:{body}", Prefix: "v0=",
		},
		func(key string) http.Header {
			return http.Header{
				"X-Slack-Signature":         {"v0=" + hexMAC(key, "v0:1782950400:"+body)},
				"X-Slack-Request-Timestamp": {"1782950400"},
			}
		},
	},
	"id.t.body": {
		signature.Scheme{
			Header: "Svix-Signature", TimeHeader: "Svix-Timestamp", IDHeader: "Svix-Id",
			Payload: "{id}.{t}.{body}", Prefix: "v1,", Separator: " ", Base64: true, Base64Key: true,
		},
		func(key string) http.Header {
			return http.Header{
				"Svix-Signature": {"v1," + base64MAC(decoded(key), "msg_1.1782950400."+body)},
				"Svix-Timestamp": {"1782950400"},
				"Svix-Id":        {"msg_1"},
			}
		},
	},
	"body": {
		signature.Scheme{Header: "X-Shopify-Hmac-Sha256", Payload: "{body}", Base64: true},
		func(key string) http.Header {
			return http.Header{"X-Shopify-Hmac-Sha256": {base64MAC(key, body)}}
		},
	},
}

func decoded(secret string) string {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	return string(key)
}

func TestSchemesSignAndVerify(t *testing.T) {
	secret, other := signature.GenerateSecret(), signature.GenerateSecret()
	now := time.Unix(t0, 0)
	for name, c := range schemes {
		t.Run(name, func(t *testing.T) {
			h := http.Header{}
			require.NoError(t, c.scheme.Sign(h, "msg_1", []byte(body), now, secret))
			require.Equal(t, c.want(secret.Reveal()), h)
			matched, err := c.scheme.Verify(h, []byte(body), now, other, secret)
			require.NoError(t, err)
			require.Equal(t, 1, matched)

			refused := func(want error, h http.Header, body string, now time.Time, secrets ...signature.Secret) {
				t.Helper()
				matched, err := c.scheme.Verify(h, []byte(body), now, secrets...)
				require.ErrorIs(t, err, want)
				require.Equal(t, -1, matched)
			}
			refused(signature.ErrMismatch, h, body+" ", now, secret)
			refused(signature.ErrMismatch, h, body, now, other)
			refused(signature.ErrNoSecret, h, body, now)
			for name := range h {
				without := h.Clone()
				without.Del(name)
				refused(signature.ErrMissing, without, body, now, secret)
				twice := h.Clone()
				twice.Add(name, h.Get(name))
				refused(signature.ErrMalformed, twice, body, now, secret)
			}
			if strings.Contains(c.scheme.Payload, "{t}") {
				refused(signature.ErrTooOld, h, body, now.Add(301*time.Second), secret)
				short := c.scheme
				short.Tolerance = time.Second
				_, err := short.Verify(h, []byte(body), now.Add(2*time.Second), secret)
				require.ErrorIs(t, err, signature.ErrTooOld)
			}
		})
	}
}

func TestSchemesSignWhollyOrNotAtAll(t *testing.T) {
	secret, now := signature.GenerateSecret(), time.Unix(t0, 0)
	withID := schemes["id.t.body"].scheme
	for name, sign := range map[string]func(h http.Header) error{
		"no secret":     func(h http.Header) error { return withID.Sign(h, "a", nil, now) },
		"absent secret": func(h http.Header) error { return withID.Sign(h, "a", nil, now, secret, signature.Secret{}) },
		"unusable one": func(h http.Header) error {
			return withID.Sign(h, "a", nil, now, secret,
				signature.NewSecret("!"))
		},
		"seventeen":      func(h http.Header) error { return withID.Sign(h, "a", nil, now, make([]signature.Secret, 17)...) },
		"no id":          func(h http.Header) error { return withID.Sign(h, "", nil, now, secret) },
		"id with an end": func(h http.Header) error { return withID.Sign(h, "a.b", nil, now, secret) },
		"before 1970":    func(h http.Header) error { return withID.Sign(h, "a", nil, time.Unix(-1, 0), secret) },
		"two where one has room": func(h http.Header) error {
			s := schemes["body"].scheme
			return s.Sign(h, "", nil, now, secret, secret)
		},
	} {
		h := http.Header{}
		require.Error(t, sign(h), name)
		require.Empty(t, h, name)
	}
}

// A Scheme that would prove less than it seems to proves nothing.
func TestWrongSchemes(t *testing.T) {
	secret, now := signature.GenerateSecret(), time.Unix(t0, 0)
	for name, s := range map[string]signature.Scheme{
		"zero":                     {},
		"no header":                {Payload: "{body}"},
		"no body":                  {Header: "S", Payload: "{t}.", Separator: ","},
		"body twice":               {Header: "S", Payload: "{body}.{body}"},
		"something behind":         {Header: "S", Payload: "{body}."},
		"a part that is not known": {Header: "S", Payload: "{ts}.{body}"},
		"nothing between parts":    {Header: "S", TimeHeader: "T", Payload: "{t}{body}"},
		"id without a header":      {Header: "S", Payload: "{id}.{body}"},
		"time without a place":     {Header: "S", Payload: "{t}.{body}"},
	} {
		h := http.Header{"S": {hexMAC(secret.Reveal(), "")}, "T": {"1782950400"}}
		require.ErrorContains(t, s.Sign(h, "a", nil, now, secret), "Scheme is wrong", name)
		_, err := s.Verify(h, nil, now, secret)
		require.ErrorContains(t, err, "Scheme is wrong", name)
	}
}
