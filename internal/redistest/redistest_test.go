package redistest_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/redistest"
)

func TestURLOfTheEnvironment(t *testing.T) {
	t.Setenv("KIRIMHOOKS_REDIS", "redis://somewhere:6379")
	require.Equal(t, "redis://somewhere:6379", redistest.URL(t))
}

func TestServerCrashesAndComesBack(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var address string
	t.Run("server", func(t *testing.T) {
		s := redistest.Start(t, "--maxmemory", "10mb")
		address = s.Addr()
		require.True(t, accepts(address))
		require.Equal(t, "redis://"+address, s.URL())
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
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "redistest-*"))
	require.NoError(t, err)
	require.Empty(t, left, "nothing remains")
}

func accepts(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
