// Package node_test plays both ends over HTTP on loopback: a real Sender and a real receiver here, and the npm
// libraries of Stripe, Standard Webhooks and Svix, and the Ed25519 of OpenSSL, in a Node.js process there.
package node_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPeer(t *testing.T) {
	p := startPeer(t)
	t.Run("they verify what we send", p.verifyWhatWeSend)
	t.Run("we take what they send", p.takeWhatTheySend)
	t.Run("we read JSON as their suite demands", p.readAsTheirSuiteDemands)
}

// peer is the Node.js process.
type peer struct{ url string }

// startPeer installs what package-lock.json names into a directory of its own and runs peer.mjs until the test ends.
func startPeer(t *testing.T) *peer {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is not installed; CI needs it", tool)
			}
			t.Skipf("NOT RUN: %s is not installed", tool)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "peer.mjs"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	// From npm's cache, so that the test stays on this machine. Where it has never been filled, npm fetches once.
	if out, err := npmCI(t, dir, "--offline"); err != nil {
		t.Logf("npm has not cached what package-lock.json names, and fetches it: %s", out)
		out, err = npmCI(t, dir, "--prefer-offline")
		require.NoError(t, err, "npm ci: %s", out)
	}

	node := exec.CommandContext(t.Context(), "node", "peer.mjs")
	node.Dir, node.Stderr = dir, os.Stderr
	stdin, err := node.StdinPipe()
	require.NoError(t, err)
	stdout, err := node.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, node.Start())
	t.Cleanup(func() {
		stdin.Close()
		_ = node.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	return &peer{url: strings.TrimSpace(line)}
}

func npmCI(t *testing.T, dir, mode string) (output []byte, err error) {
	install := exec.CommandContext(t.Context(), "npm", "ci", mode, "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	return install.CombinedOutput()
}

// verifies is the URL of an endpoint that verifies with a library and a secret.
func (p *peer) verifies(library, secret string) string {
	return p.url + "/verify?" + url.Values{"library": {library}, "secret": {secret}}.Encode()
}

// send lets a library sign body and send it to a URL, and returns the status that it got.
func (p *peer) send(t *testing.T, library, secret, id, to string, body []byte) int {
	t.Helper()
	query := url.Values{"library": {library}, "secret": {secret}, "id": {id}, "to": {to}}
	resp, err := http.Post(p.url+"/send?"+query.Encode(), "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Empty(t, string(text), "the peer failed")
	return resp.StatusCode
}

// wares are bodies of both sources that JSON parsers of two languages could disagree about.
func wares() map[string]string {
	const large = 1 << 20
	frame := func(text string) string {
		return `{"id":"ID","type":"contact.created","created_at":"2026-01-02T03:04:05Z","livemode":true,"data":{"text":"` +
			text + `"}}`
	}
	whole := large - len(frame("")) - len("evt_0000")
	return map[string]string{
		"plain":   frame("halo"),
		"unicode": frame("Selamat pagi 🌅 १२३ \u200fשלום\u200e é e\u0301 \uffff \u2028"),
		"escapes": frame(`\u0041\/\ud83d\ude00 \ud800 \n`),
		"spaced":  "\n\t " + frame("x") + " \r\n\n",
		"numbers": strings.Replace(frame("x"), `"livemode":true`,
			`"livemode":true,"n":[1e3,1E+3,12345678901234567890,-0,0.10]`, 1),
		"a MiB":     frame(strings.Repeat("m", whole)),
		"emoji MiB": frame(strings.Repeat("🪝", whole/4)),
	}
}
