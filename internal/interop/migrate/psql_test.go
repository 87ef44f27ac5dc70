package migrate_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	h := newHost(t)
	for v := 1; v <= pgstore.SchemaVersion; v++ {
		cmd := exec.CommandContext(t.Context(), psql, "--no-psqlrc", "--quiet", "--single-transaction",
			"--set=ON_ERROR_STOP=1", "--file="+h.file(v), h.dsn)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Empty(t, string(out))
	}
	h.serves()
}
