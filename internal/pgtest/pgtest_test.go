package pgtest_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/pgtest"
)

func TestDSNOfTheEnvironment(t *testing.T) {
	t.Setenv("KIRIMHOOKS_POSTGRES", "postgres://somebody@db/test")
	require.Equal(t, "postgres://somebody@db/test", pgtest.DSN(t))
}

func TestServerCrashesAndComesBack(t *testing.T) {
	t.Setenv("TMPDIR", openTempDir(t))
	var address string
	t.Run("server", func(t *testing.T) {
		s := pgtest.Start(t)
		address = s.Addr()
		require.True(t, accepts(address))
		require.Equal(t, "postgres://postgres@"+address+"/postgres?sslmode=disable", s.DSN())
		require.NoError(t, s.Crash())
		require.False(t, accepts(address))
		require.Error(t, s.Crash(), "it is down")
		require.NoError(t, s.Restart())
		require.True(t, accepts(address))
	})
	if address == "" {
		return // skipped
	}
	require.False(t, accepts(address), "it ends with its test")
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "pgtest-*"))
	require.NoError(t, err)
	require.Empty(t, left, "nothing remains")
}

// openTempDir is a directory that another user can pass through.
func openTempDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "pgtesttest-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o777))
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func accepts(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
