//go:build unix

package claimtest

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

// keyOfTheChild is set where a test binary is started again to be the process that is suspended.
const keyOfTheChild = "KIRIMHOOKS_CLAIMTEST_KEY"

// Main is for TestMain. In the process that [Suspend] starts it handles one event, over the store that open returns,
// and ends that process.
func Main(open func() (dedupe.Store, error)) {
	key := os.Getenv(keyOfTheChild)
	if key == "" {
		return
	}
	store, err := open()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	g := guard(store)
	g.Lease = 300 * time.Millisecond
	err = g.Do(context.Background(), key, func(context.Context) error {
		fmt.Println("running")
		_, err := bufio.NewReader(os.Stdin).ReadString('\n')
		return err
	})
	fmt.Println(answer(err))
	os.Exit(0)
}

const commitRefused = "ran, and its commit is refused"

func answer(err error) string {
	var failed *dedupe.StoreError
	if errors.As(err, &failed) && failed.Op == "commit" && errors.Is(err, dedupe.ErrLeaseLost) {
		return commitRefused
	}
	return fmt.Sprint(err)
}

// Suspend stops another process while its function runs, past the lease of its claim. This process takes the key over
// and commits; the other goes on, ends its work, and must not commit. env tells Main's open the way to the same
// store.
func Suspend(t *testing.T, store dedupe.Store, env ...string) {
	key := rand.Text()
	other := exec.Command(os.Args[0])
	other.Env = append(append(os.Environ(), env...), keyOfTheChild+"="+key)
	stdin, err := other.StdinPipe()
	require.NoError(t, err)
	stdout, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	defer other.Process.Kill()
	told := bufio.NewReader(stdout)
	hear := func() string {
		line, err := told.ReadString('\n')
		require.NoError(t, err)
		return strings.TrimSpace(line)
	}

	require.Equal(t, "running", hear())
	require.NoError(t, other.Process.Signal(syscall.SIGSTOP))
	ran := false
	require.NoError(t, guard(store).Do(t.Context(), key, func(context.Context) error { ran = true; return nil }))
	require.True(t, ran, "taken over once the lease had run out")
	require.NoError(t, other.Process.Signal(syscall.SIGCONT))
	_, err = stdin.Write([]byte("\n"))
	require.NoError(t, err)
	require.Equal(t, commitRefused, hear())
	require.NoError(t, other.Wait())
	require.ErrorIs(t, guard(store).Do(t.Context(), key, nil), dedupe.ErrDuplicate)
}
