package signatures_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/interop/tally"
	"github.com/kirimhooks/kirimhooks/signature"
)

// wycheproof is no requirement of this module, because it wants a newer Go than the library does; its data do not.
const wycheproof = "github.com/c2sp/wycheproof@v0.0.0-20260902155932-3fa63dd0344a"

// macFile is testvectors_v1/hmac_sha256_test.json, as far as it matters.
type macFile struct {
	NumberOfTests int
	TestGroups    []struct {
		TagSize int // bits
		Tests   []struct {
			TcID          int
			Comment       string
			Key, Msg, Tag string // hex
			Result        string // valid, invalid
		}
	}
}

// signatureFile is testvectors_v1/ed25519_test.json, as far as it matters.
type signatureFile struct {
	NumberOfTests int
	TestGroups    []struct {
		PublicKey struct{ PK string } // hex
		Tests     []struct {
			TcID              int
			Comment, Msg, Sig string // the latter two in hex
			Result            string
		}
	}
}

// loadWycheproof reads one of its files into a macFile or a signatureFile.
func loadWycheproof(t *testing.T, name string, file any) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", wycheproof)
	cmd.Dir = t.TempDir() // outside any module
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("go mod download %s: %v\n%s", wycheproof, err, out)
		}
		t.Skipf("NOT RUN: the module proxy has no %s for us: %v", wycheproof, err)
	}
	var module struct{ Dir string }
	require.NoError(t, json.Unmarshal(out, &module))
	data, err := os.ReadFile(filepath.Join(module.Dir, "testvectors_v1", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, file))
}

// Half of the vectors have tags cut to 16 bytes, as some protocols allow. None of ours does: a shorter tag is easier to
// guess, so that even genuine ones are refused.
func TestWycheproof(t *testing.T) {
	var file macFile
	loadWycheproof(t, "hmac_sha256_test.json", &file)
	n := 0
	for _, group := range file.TestGroups {
		for _, c := range group.Tests {
			key, err := hex.DecodeString(c.Key)
			require.NoError(t, err)
			msg, err := hex.DecodeString(c.Msg)
			require.NoError(t, err)
			_, err = signature.VerifyMeta("sha256="+c.Tag, msg, signature.NewSecret(string(key)))
			switch {
			case group.TagSize != 256:
				require.ErrorIs(t, err, signature.ErrMalformed, "%d: %s, a tag of %d bits", c.TcID, c.Comment, group.TagSize)
			case c.Result == "valid":
				require.NoError(t, err, "%d: %s", c.TcID, c.Comment)
			default:
				require.ErrorIs(t, err, signature.ErrMismatch, "%d: %s", c.TcID, c.Comment)
			}
			n++
		}
	}
	require.Equal(t, file.NumberOfTests, n)
	tally.Ran(t, n, 174)
}

func TestWycheproofEd25519(t *testing.T) {
	var file signatureFile
	loadWycheproof(t, "ed25519_test.json", &file)
	bare := &signature.Scheme{
		Header: "S", Payload: "{body}", Prefix: "v1,", Ed25519Prefix: "v1a,", Separator: " ", Base64: true, Base64Key: true,
	}
	n := 0
	for _, group := range file.TestGroups {
		point, err := hex.DecodeString(group.PublicKey.PK)
		require.NoError(t, err)
		public := signature.NewSecret("whpk_" + base64.StdEncoding.EncodeToString(point))
		for _, c := range group.Tests {
			msg, err := hex.DecodeString(c.Msg)
			require.NoError(t, err)
			signed, err := hex.DecodeString(c.Sig)
			require.NoError(t, err)
			h := http.Header{"S": {"v1a," + base64.StdEncoding.EncodeToString(signed)}}
			_, err = bare.Verify(h, msg, time.Time{}, public)
			if c.Result == "valid" {
				require.NoError(t, err, "%d: %s", c.TcID, c.Comment)
			} else {
				require.ErrorIs(t, err, signature.ErrMismatch, "%d: %s", c.TcID, c.Comment)
			}
			n++
		}
	}
	require.Equal(t, file.NumberOfTests, n)
	tally.Ran(t, n, 151)
}
