package testnet_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	place = regexp.MustCompile("`((?:sender|receiver|envelope|signature|dedupe|examples|internal)/[\\w./-]+)`")
	link  = regexp.MustCompile(`\]\(([\w./-]+)\)`)
)

// What CONTRIBUTING.md says of the tree is so: every place it names is there.
func TestContributing(t *testing.T) {
	page, err := os.ReadFile(root + "/CONTRIBUTING.md")
	require.NoError(t, err)
	places := place.FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(places), 12)
	for _, p := range places {
		_, err := os.Stat(filepath.Join(root, p[1]))
		require.NoError(t, err, "CONTRIBUTING.md names it")
	}
}

// Links between the pages lead somewhere, and every decision is on the list of decisions.
func TestLinks(t *testing.T) {
	decisions, err := filepath.Glob(root + "/internal/adr/[0-9]*.md")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(decisions), 10)
	pages := append(decisions, root+"/internal/adr/README.md", root+"/README.md", root+"/CONTRIBUTING.md",
		root+"/SECURITY.md",
		root+"/sender/README.md", root+"/receiver/README.md", root+"/receiver/sqlinbox/README.md",
		root+"/examples/platform/README.md")
	listed, err := os.ReadFile(root + "/internal/adr/README.md")
	require.NoError(t, err)
	for _, decision := range decisions {
		require.Contains(t, string(listed), "("+filepath.Base(decision)+")")
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, l := range link.FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(page), l[1]))
			require.NoError(t, err, "%s links to %s", page, l[1])
		}
	}
}
