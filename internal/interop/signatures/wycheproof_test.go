package signatures_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

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

func loadWycheproof(t *testing.T) (file macFile) {
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
	data, err := os.ReadFile(filepath.Join(module.Dir, "testvectors_v1", "hmac_sha256_test.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &file))
	return file
}

// Half of the vectors have tags cut to 16 bytes, as some protocols allow. None of ours does: a shorter tag is easier to
// guess, so that even genuine ones are refused.
func TestWycheproof(t *testing.T) {
	file := loadWycheproof(t)
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
