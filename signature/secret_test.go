package signature_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

type recorder struct{ bytes.Buffer }

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(r, format, args...) }

func TestSecretNeverShows(t *testing.T) {
	const canary = "whsec_canary-3f9d21c6"
	secret := signature.NewSecret(canary)
	signature.SignKirim(nil, nil, time.Unix(1782950400, 0), secret) // keyed state is warm and reachable
	type config struct {
		Name    string
		Secret  signature.Secret
		hidden  signature.Secret
		pointer *signature.Secret
		keys    *signature.Keyring
		list    []signature.Secret
	}
	other := signature.NewSecret("other")
	cfg := config{"n", secret, secret, &secret, signature.NewKeyring(secret), []signature.Secret{secret}}
	values := []any{
		secret, &secret, cfg, &cfg, []signature.Secret{secret}, map[string]signature.Secret{"k": secret},
		signature.NewKeyring(secret), any(secret), reflect.ValueOf(secret), reflect.ValueOf(cfg),
		errors.Join(fmt.Errorf("%v", secret)),
	}

	var out recorder
	for _, verb := range "vTtbcoOqxXUeEfFgGsp" {
		for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "40", ".3"} {
			for _, v := range values {
				fmt.Fprintf(&out, "%"+flags+string(verb)+"\n", v)
			}
		}
	}
	fmt.Fprintln(&out, values...)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		for _, v := range values {
			slog.New(handler).Error("m", "v", v)
		}
	}
	for _, v := range values {
		raw, _ := json.Marshal(v)
		out.Write(raw)
		raw, _ = xml.Marshal(v)
		out.Write(raw)
		_ = gob.NewEncoder(&out).Encode(v)
		assert.Equal(&out, v, "something else")
	}
	// testify prints both sides with methods switched off and pointers followed.
	assert.Equal(&out, cfg, config{Secret: other, hidden: other, pointer: &other})
	assert.Equal(&out, secret, other)
	assert.Empty(&out, cfg)
	assert.Contains(&out, []signature.Secret{secret}, other)

	require.Contains(t, out.String(), "[secret]")
	require.Contains(t, out.String(), "Diff:", "testify showed its diff")
	for _, form := range []string{canary, hex.EncodeToString([]byte(canary)),
		base64.StdEncoding.EncodeToString([]byte(canary)), strings.Trim(fmt.Sprint([]byte(canary)), "[]"), "canary",
		"3f9d21c6"} {
		require.NotContains(t, strings.ToLower(out.String()), strings.ToLower(form))
	}
}

func TestSecretDoesNotMarshal(t *testing.T) {
	secret := signature.NewSecret("whsec_x")
	_, err := secret.MarshalText()
	require.Error(t, err)
	_, err = json.Marshal(struct{ S signature.Secret }{secret})
	require.Error(t, err)
	_, err = json.Marshal(map[string]signature.Secret{"": {}})
	require.Error(t, err)
	_, err = xml.Marshal(struct{ S signature.Secret }{secret})
	require.Error(t, err)
	require.Error(t, gob.NewEncoder(new(bytes.Buffer)).Encode(struct{ S signature.Secret }{secret}))
}

func TestSecretPlaceholder(t *testing.T) {
	for _, s := range []signature.Secret{{}, signature.NewSecret("x")} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			require.Equal(t, "[secret]", fmt.Sprintf(format, s))
		}
		require.Equal(t, "[secret]", s.String())
		require.Equal(t, "[secret]", s.GoString())
		require.Equal(t, "[secret]", s.LogValue().String())
	}
}

func TestZeroSecret(t *testing.T) {
	for _, s := range []signature.Secret{{}, signature.NewSecret("")} {
		require.True(t, s.IsZero())
		require.Empty(t, s.Reveal())
		require.False(t, s.Equal(signature.NewSecret("x")))
		require.False(t, signature.NewSecret("x").Equal(s))
		require.False(t, s.Equal(signature.Secret{}), "nothing may pass a check against a secret that was never set")
	}
}

func TestSecretEqual(t *testing.T) {
	a, b := signature.NewSecret("same"), signature.NewSecret("same")
	require.True(t, a.Equal(b))
	require.False(t, a.Equal(signature.NewSecret("same ")))
	require.False(t, a == b)
	copied := a
	require.True(t, copied == a)
	require.True(t, reflect.DeepEqual(copied, a))
	require.False(t, a.IsZero())
	require.Equal(t, "same", a.Reveal())
}

func TestGenerateSecret(t *testing.T) {
	form := regexp.MustCompile(`^whsec_[A-Za-z0-9]{44}$`)
	seen := map[string]bool{}
	counts := map[rune]int{}
	const n = 2000
	for range n {
		s := signature.GenerateSecret()
		require.Regexp(t, form, s.Reveal())
		require.False(t, seen[s.Reveal()])
		seen[s.Reveal()] = true
		require.NoError(t, signature.CheckStandard(s))
		for _, c := range strings.TrimPrefix(s.Reveal(), "whsec_") {
			counts[c]++
		}
	}
	require.Len(t, counts, 62)
	for c, got := range counts { // about 1419 each, standard deviation 37
		require.InDelta(t, n*44/62, got, 300, "%c", c)
	}
}
