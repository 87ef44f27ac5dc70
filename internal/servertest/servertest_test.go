package servertest_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/servertest"
)

// A server that cannot be had is an error that says why, and leaves nothing behind.
func TestServersThatDoNotStart(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	never := func(string) bool { return false }
	none := func(string, int) []string { return nil }
	for want, cfg := range map[string]servertest.Config{
		"odd: no room": {Program: "true", Args: none, Answers: never,
			Prepare: func(string) error { return errors.New("no room") }},
		"no-such-program": {Program: "no-such-program", Args: none, Answers: never},
	} {
		cfg.Name = "odd"
		s, err := servertest.Start(cfg)
		require.ErrorContains(t, err, want)
		require.Nil(t, s)
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "odd-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// verdict is a test that is told to end.
type verdict struct {
	testing.TB
	said string
}

func (v *verdict) Helper()                           {}
func (v *verdict) Fatalf(format string, args ...any) { v.end("failed: "+format, args) }
func (v *verdict) Skipf(format string, args ...any)  { v.end("skipped: "+format, args) }

func (v *verdict) end(format string, args []any) {
	v.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// Where a server is missing, a test fails in CI and is skipped elsewhere, and says what to do.
func TestMissing(t *testing.T) {
	for ci, want := range map[string]string{
		"true": "failed: this test needs Oddis: it is gone",
		"":     "skipped: NOT TESTED, this test needs Oddis: it is gone; install it or set ODDIS",
	} {
		t.Setenv("CI", ci)
		v := &verdict{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			servertest.Missing(v, "Oddis", "ODDIS", errors.New("it is gone"))
		}()
		<-done
		require.Equal(t, want, v.said)
	}
}
