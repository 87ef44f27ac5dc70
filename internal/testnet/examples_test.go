package testnet_test

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the example programs print and log shows neither the secrets they are given nor the tokens in URLs. It is so
// when all goes well and when nothing does.
func TestExamplesTellNoSecret(t *testing.T) {
	const secret, token = "whsec_CANARY-OF-THE-SECRET", "CANARY-OF-THE-URL"
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "./examples/receiver", "./examples/trigger")
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	var seen strings.Builder
	receiver := exec.Command(filepath.Join(dir, "receiver"), "-addr", "127.0.0.1:0", "-fail", "1")
	receiver.Env = append(os.Environ(), "KIRIM_WEBHOOK_SECRETS="+secret, "KIRISAN_WEBHOOK_SECRET="+secret)
	receiver.Stdout = &seen // read after Wait alone
	log, err := receiver.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, receiver.Start())
	lines := bufio.NewReader(log)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	url := "http://" + strings.TrimSpace(strings.TrimPrefix(line, "listening on http://")) + "/webhooks?token=" + token

	var told strings.Builder
	trigger := func(args ...string) {
		out, _ := exec.Command(filepath.Join(dir, "trigger"),
			append([]string{"-secret", secret}, args...)...).CombinedOutput()
		require.NotEmpty(t, out)
		told.Write(out)
	}
	trigger("-url", url, "-event", "contact.created", "-schedule", "10ms")
	trigger("-url", url, "-event", "incoming_message", "-dialect", "kirisan")
	trigger("-url", url, "-event", "contact.created", "-secret", secret+"-and-another")
	trigger("-url", "http://127.0.0.1:1/?token="+token, "-event", "contact.created")
	trigger("-url", "https://user:"+token+"@127.0.0.1/", "-event", "contact.created")
	trigger("-url", "http://["+token, "-event", "contact.created")
	trigger("-url", url, "-event", "no.such.type", "-dialect", "kirisan")

	require.NoError(t, receiver.Process.Signal(os.Interrupt))
	for err == nil {
		line, err = lines.ReadString('\n')
		told.WriteString(line)
	}
	require.NoError(t, receiver.Wait())
	text := seen.String() + told.String()
	require.Contains(t, text, `"type":"contact.created"`)
	for _, canary := range []string{secret, token} {
		require.NotContains(t, text, canary)
		require.NotContains(t, text, hex.EncodeToString([]byte(canary)))
		require.NotContains(t, text, strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(canary)), "="))
	}
}
