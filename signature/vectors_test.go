package signature_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

type vector struct {
	Name      string   `json:"name"`
	Header    string   `json:"header"`
	Body      []byte   `json:"body_base64"`
	Secrets   []string `json:"secrets"`
	AppSecret string   `json:"app_secret"`
	Now       int64    `json:"now"`
	Valid     bool     `json:"valid"`
	Why       string   `json:"why"`
}

func vectors(t testing.TB, file string) []vector {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	var set struct{ Vectors []vector }
	require.NoError(t, json.Unmarshal(raw, &set))
	require.NotEmpty(t, set.Vectors)
	return set.Vectors
}

func secretsOf(texts ...string) []signature.Secret {
	secrets := make([]signature.Secret, len(texts))
	for i, text := range texts {
		secrets[i] = signature.NewSecret(text)
	}
	return secrets
}

func TestKirimVectors(t *testing.T) {
	for _, v := range vectors(t, "testdata/kirim.json") {
		t.Run(v.Name, func(t *testing.T) {
			_, err := signature.VerifyKirim(v.Header, v.Body, time.Unix(v.Now, 0), 0, secretsOf(v.Secrets...)...)
			require.Equal(t, v.Valid, err == nil, "%s: %v", v.Why, err)
		})
	}
}

func TestMetaVectors(t *testing.T) {
	for _, v := range vectors(t, "testdata/meta.json") {
		t.Run(v.Name, func(t *testing.T) {
			_, err := signature.VerifyMeta(v.Header, v.Body, signature.NewSecret(v.AppSecret))
			require.Equal(t, v.Valid, err == nil, "%v", err)
		})
	}
}

// The vector that the Standard Webhooks libraries share.
func TestStandardVector(t *testing.T) {
	secret := signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	const id, want = "msg_p5jXN8AQM9LWM0D4loKWxJek", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	now, body := time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	require.Equal(t, want, string(signature.SignStandard(nil, id, body, now, secret)))
	matched, err := signature.VerifyStandard(id, "1614265330", want, body, now, 0, secret)
	require.NoError(t, err)
	require.Zero(t, matched)
}
