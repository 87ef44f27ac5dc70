package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const repository = "../.."

// What the pages print compiles as it stands.
func TestPagesCompile(t *testing.T) {
	tree, err := readTree(repository)
	require.NoError(t, err)
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			program, err := tree.program(p)
			require.NoError(t, err)
			compile(t, program)
		})
	}
}

// compile compiles a program that is nowhere but in this test: the go command is told to see it in the tree. A page may
// use each module, so that it needs the workspace even where the tests of one module go without.
func compile(t *testing.T, program string) {
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(file, []byte(program), 0o600))
	top, err := filepath.Abs(repository)
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(top, "internal", "page",
		"main.go"): file}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	build := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o",
		filepath.Join(dir, "page"), "./internal/page")
	build.Dir = repository
	build.Env = append(os.Environ(), "GOWORK="+filepath.Join(top, "go.work"))
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// Whoever gets one module gets its siblings at the same version, or nothing that builds.
func TestModulesShareOneVersion(t *testing.T) {
	tree, err := readTree(repository)
	require.NoError(t, err)
	version, err := tree.version()
	require.NoError(t, err)
	require.NotEqual(t, "v0.0.0", version, "nobody can get a version that is never tagged")
}

// write makes a small repository of two modules.
func write(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		to := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		require.NoError(t, os.WriteFile(to, []byte(text), 0o644))
	}
	return dir
}

func TestPrepare(t *testing.T) {
	dir := write(t, map[string]string{
		"go.mod":                "module " + root + "\n\ngo 1.25.0\n",
		"internal/bench/go.mod": "module " + root + "/internal/bench\n\nrequire " + root + " v0.1.0\n",
		"sender/pgstore/go.mod": "module " + root + "/sender/pgstore\n\nrequire (\n\texample.com/x v1.0.0\n\t" + root +
			" v0.1.0\n)\n",
		"CHANGELOG.md":           "# Changelog\n\n## Unreleased\n\n- New.\n",
		"testdata/go.mod":        "module nobodys\n",
		"node_modules/x/go.mod":  "module nobodys\n",
		".hidden/sub/go.mod":     "module nobodys\n",
		"sender/pgstore/file.go": "package pgstore\n",
	})
	require.NoError(t, run(t.Context(), dir, []string{"prepare", "v0.2.0"}, &bytes.Buffer{}))
	tree, err := readTree(dir)
	require.NoError(t, err)
	version, err := tree.version()
	require.NoError(t, err)
	require.Equal(t, "v0.2.0", version)
	text, err := os.ReadFile(filepath.Join(dir, "sender/pgstore/go.mod"))
	require.NoError(t, err)
	require.Contains(t, string(text), "example.com/x v1.0.0", "others stay as they are")
	page, err := os.ReadFile(filepath.Join(dir, "CHANGELOG.md"))
	require.NoError(t, err)
	require.Regexp(t, `(?s)## Unreleased\n\n## v0\.2\.0, \d{4}-\d\d-\d\d\n\n- New\.\n$`, string(page))

	var tags bytes.Buffer
	require.NoError(t, run(t.Context(), dir, []string{"tags"}, &tags))
	require.Equal(t, "v0.2.0\nsender/pgstore/v0.2.0\n", tags.String(), "nobody imports what is internal")
}

func TestPrepareRefuses(t *testing.T) {
	files := map[string]string{
		"go.mod":                "module " + root + "\n",
		"sender/pgstore/go.mod": "module " + root + "/sender/pgstore\n\nrequire " + root + " v0.1.0\n",
		"CHANGELOG.md":          "# Changelog\n",
	}
	for version, want := range map[string]string{
		"0.2.0":  "not of the form",
		"v0.2":   "not of the form",
		"v0.0.9": "older than v0.1.0",
		"v0.2.0": "has no part",
	} {
		err := run(t.Context(), write(t, files), []string{"prepare", version}, &bytes.Buffer{})
		require.ErrorContains(t, err, want)
	}
}

func TestOddTreesAreTold(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"no go.mod of": {"x": ""},
		"should be":    {"go.mod": "module " + root + "\n", "sender/pgstore/go.mod": "module example.com/pgstore\n"},
		"nothing says": {"go.mod": "module " + root + "\n"},
		"others at v0.1.0": {
			"go.mod":   "module " + root + "\n",
			"a/go.mod": "module " + root + "/a\n\nrequire " + root + " v0.1.0\n",
			"b/go.mod": "module " + root + "/b\n\nrequire " + root + " v0.0.0\n",
		},
	} {
		require.ErrorContains(t, run(t.Context(), write(t, files), []string{"tags"}, &bytes.Buffer{}), want)
	}
	require.ErrorContains(t, run(t.Context(), repository, []string{"publish"}, &bytes.Buffer{}), "unknown arguments")
}
