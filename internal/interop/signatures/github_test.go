package signatures_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-github/v74/github"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
	"github.com/kirimhooks/kirimhooks/signature"
)

// GitHub signs as Meta does: X-Hub-Signature-256 over the body alone.
func TestGitHubVerifiesOurs(t *testing.T) {
	n := 0
	for _, text := range secrets {
		secret := signature.NewSecret(text)
		for _, body := range bodies() {
			header := string(signature.SignMeta(nil, body, secret))
			for _, h := range []string{header, header[:len(header)-2], strings.ToUpper(header),
				strings.Replace(header, "a", "b", 1), ""} {
				theirs := github.ValidateSignature(h, body, []byte(text))
				_, ours := signature.VerifyMeta(h, body, secret)
				require.Equal(t, theirs == nil, ours == nil, "%q: ours %v, theirs %v", h, ours, theirs)
				n++
			}
		}
	}
	tally.Ran(t, n, 8000)
}

// GitHub's library still takes SHA-1 from older hooks; ours never did.
func TestSHA1IsRefused(t *testing.T) {
	body := []byte("{}")
	mac := hmac.New(sha1.New, []byte("a secret of sixteen bytes"))
	mac.Write(body)
	header := "sha1=" + hex.EncodeToString(mac.Sum(nil))
	require.NoError(t, github.ValidateSignature(header, body, []byte("a secret of sixteen bytes")))
	_, err := signature.VerifyMeta(header, body, signature.NewSecret("a secret of sixteen bytes"))
	require.ErrorIs(t, err, signature.ErrMalformed)
}
