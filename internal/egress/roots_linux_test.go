package egress_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/internal/testnet"
)

// A host without certificates, such as a bare container, can trust no endpoint: that is no fault of theirs. The roots
// of a process are read once, so that this takes processes of their own.
func TestHostWithoutRoots(t *testing.T) {
	const marker, passed = "KIRIMHOOKS_ROOTS", "--- PASS: TestHostWithoutRoots"
	if want, child := os.LookupEnv(marker); child {
		meetUnknownAuthority(t, egress.HostFault(want))
		return
	}
	for want, roots := range map[egress.HostFault][]byte{
		egress.NoRoots: nil,
		"":             testnet.NewAuthority(t).PEM(),
	} {
		file := filepath.Join(t.TempDir(), "roots.pem")
		require.NoError(t, os.WriteFile(file, roots, 0o600))
		cmd := exec.Command(os.Args[0], "-test.run=^TestHostWithoutRoots$", "-test.v")
		cmd.Env = append(os.Environ(), marker+"="+string(want), "SSL_CERT_FILE="+file, "SSL_CERT_DIR="+t.TempDir())
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), passed)
	}
}

// meetUnknownAuthority wants that fault where the roots are this host's, and none where they were given.
func meetUnknownAuthority(t *testing.T, want egress.HostFault) {
	authority := testnet.NewAuthority(t)
	server := testnet.ServeTLS(t, "127.0.1.1:0", authority.Server("127.0.1.1"), testnet.KeepAlive(testnet.OK))
	_, _, err := deliver(t, newTransport(t, toy, egress.Options{}), server.URL("https"))
	require.Equal(t, want, egress.HostFaultOf(err), err)
	given := egress.Options{RootCAs: testnet.NewAuthority(t).Pool()}
	_, _, err = deliver(t, newTransport(t, toy, given), server.URL("https"))
	require.Equal(t, egress.TLS, egress.Classify(err), err)
}
