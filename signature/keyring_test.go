package signature_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

func reveal(secrets []signature.Secret) (texts []string) {
	for _, s := range secrets {
		texts = append(texts, s.Reveal())
	}
	return texts
}

func TestParseKeyring(t *testing.T) {
	good := map[string][]string{
		"whsec_a":                        {"whsec_a"},
		"whsec_a,whsec_b":                {"whsec_a", "whsec_b"},
		" whsec_a ,\twhsec_b\n":          {"whsec_a", "whsec_b"},
		"a b=c;d":                        {"a b=c;d"},
		"v1,whsec_a":                     {"v1,whsec_a"},
		"v1,whsec_a, v1,whsec_b,whsec_c": {"v1,whsec_a", "v1,whsec_b", "whsec_c"},
		"whsec_a,v1,whsec_b":             {"whsec_a", "v1,whsec_b"},
		"v1,v1,whsec_a":                  {"v1", "v1,whsec_a"},
		"v1, whsec_a":                    {"v1", "whsec_a"},
		"xv1,whsec_a":                    {"xv1", "whsec_a"},
		"v1,a":                           {"v1", "a"},
	}
	for list, want := range good {
		k, err := signature.ParseKeyring(list)
		require.NoError(t, err)
		require.Equal(t, want, reveal(k.Secrets()))
	}
	for _, list := range []string{"", " ", ",", "canary,", ",canary", "canary,,canary", "canary, ,canary"} {
		k, err := signature.ParseKeyring(list)
		require.ErrorIs(t, err, signature.ErrNoSecret, "%q", list)
		require.NotContains(t, err.Error(), "canary")
		require.Nil(t, k)
	}
	for _, list := range []string{`"canary"`, "'canary", `"canary,whsec_b"`, "whsec_a,\ufeffcanary", "canary\x00"} {
		k, err := signature.ParseKeyring(list)
		require.ErrorIs(t, err, signature.ErrNoSecret, "%q", list)
		require.ErrorContains(t, err, "begins or ends with", "%q", list)
		require.NotContains(t, err.Error(), "canary")
		require.Nil(t, k)
	}
}

// What a file or a shell leaves around a secret is never part of it.
func TestCheckSecret(t *testing.T) {
	for _, text := range []string{"x", "two words", "whsec_a", "v1,whsec_a", `say "yes" now`, "é", "\xff\xfe",
		signature.GenerateSecret().Reveal()} {
		require.NoError(t, signature.CheckSecret(signature.NewSecret(text)), "%q", text)
	}
	require.ErrorIs(t, signature.CheckSecret(signature.Secret{}), signature.ErrNoSecret)
	for word, around := range map[string][]string{
		"white space":    {" ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u200b", "\ufeff", "\x00", "\x7f"},
		"quotation mark": {`"`, "'", "`", "\u201c", "\u201d", "\u2018", "\u2019"},
	} {
		for _, mark := range around {
			for _, text := range []string{mark, mark + "canary", "canary" + mark, mark + "canary" + mark} {
				err := signature.CheckSecret(signature.NewSecret(text))
				require.ErrorIs(t, err, signature.ErrNoSecret, "%q", text)
				require.ErrorContains(t, err, word, "%q", text)
				require.NotContains(t, err.Error(), "canary")
				k := signature.NewKeyring(secretsOf("old")...)
				require.ErrorContains(t, k.Replace(secretsOf("new", text)...), word, "%q", text)
				require.Equal(t, []string{"old"}, reveal(k.Secrets()))
			}
		}
	}
}

func TestKeyringReplace(t *testing.T) {
	k := signature.NewKeyring(secretsOf("old")...)
	require.ErrorIs(t, k.Replace(), signature.ErrNoSecret)
	require.ErrorIs(t, k.Replace(secretsOf("new", "")...), signature.ErrNoSecret)
	require.Equal(t, []string{"old"}, reveal(k.Secrets()))
	before := k.Secrets()
	require.NoError(t, k.Replace(secretsOf("new", "old")...))
	require.Equal(t, []string{"new", "old"}, reveal(k.Secrets()))
	require.Equal(t, []string{"old"}, reveal(before), "a slice in use stays")
}

func TestKeyringOwnsItsSlice(t *testing.T) {
	secrets := secretsOf("a", "b")
	k := signature.NewKeyring(secrets[:1]...)
	secrets[0] = signature.NewSecret("c")
	require.Equal(t, []string{"a"}, reveal(k.Secrets()))
	_ = append(k.Secrets(), signature.NewSecret("d"))
	require.Equal(t, []string{"a"}, reveal(k.Secrets()))
}

func TestEmptyKeyring(t *testing.T) {
	var none *signature.Keyring
	require.Empty(t, none.Secrets())
	require.Empty(t, new(signature.Keyring).Secrets())
	require.Empty(t, signature.NewKeyring().Secrets())
}

// A sender and a receiver rotate as they should while requests keep coming; none that is genuine may be refused.
func TestRotationUnderLoad(t *testing.T) {
	old, fresh := signature.GenerateSecret(), signature.GenerateSecret()
	sending, receiving := signature.NewKeyring(old), signature.NewKeyring(old)
	now, payload := time.Unix(1782950400, 0), []byte(`{"id":"evt_1"}`)

	var requests, refused atomic.Int64
	var wire sync.RWMutex // held while a request is on its way; the sender drops the old secret between requests
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				wire.RLock()
				header := string(signature.SignKirim(nil, payload, now, sending.Secrets()...))
				_, err := signature.VerifyKirim(header, payload, now, 0, receiving.Secrets()...)
				wire.RUnlock()
				requests.Add(1)
				if err != nil {
					refused.Add(1)
				}
			}
		})
	}
	await := func(n int64) {
		for target := requests.Load() + n; requests.Load() < target; {
			runtime.Gosched()
		}
	}
	for range 10 {
		await(200)
		require.NoError(t, receiving.Replace(fresh, old))
		require.NoError(t, sending.Replace(fresh, old))
		await(200)
		wire.Lock()
		require.NoError(t, sending.Replace(fresh))
		wire.Unlock()
		require.NoError(t, receiving.Replace(fresh))
		await(200)
		old, fresh = fresh, signature.GenerateSecret()
	}
	close(stop)
	wg.Wait()
	require.Zero(t, refused.Load(), "of %d requests", requests.Load())
}
