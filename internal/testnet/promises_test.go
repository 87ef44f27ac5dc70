package testnet_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

var (
	item = regexp.MustCompile(`(?m)^(\d+)\. `)
	name = regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz|Run/)\\w+)`")
)

// TestPromises holds internal/PROMISES.md against the tree: promises are numbered without a gap, each names tests,
// every one of which exists, and no test of an advisory is left out.
func TestPromises(t *testing.T) {
	text, err := os.ReadFile(root + "/internal/PROMISES.md")
	require.NoError(t, err)
	page := string(text)
	have := functions(t)

	starts := item.FindAllStringSubmatchIndex(page, -1)
	require.NotEmpty(t, starts)
	for i, at := range starts {
		number := page[at[2]:at[3]]
		require.Equal(t, strconv.Itoa(i+1), number)
		end := len(page)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		require.Regexp(t, name, page[at[1]:end], "promise %s names no test", number)
	}
	named := make(map[string]bool)
	for _, m := range name.FindAllStringSubmatch(page, -1) {
		named[m[2]] = true
		require.True(t, exists(have, m[1], m[2]), "%s.%s is not in the tree", m[1], m[2])
	}
	require.Equal(t, strings.Count(page, "`"), 2*len(name.FindAllString(page, -1)), "a name that is not understood")
	for dir, names := range have {
		for f := range names {
			require.True(t, named[f] || !strings.HasPrefix(f, "TestAdvisory_"), "%s in %s is not on the page", f, dir)
		}
	}
}

// TestRules holds sender/RULES.md against the tree: every row names tests, and nothing else, in its last column.
func TestRules(t *testing.T) {
	page, err := os.ReadFile(root + "/sender/RULES.md")
	require.NoError(t, err)
	have := functions(t)
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) != 2 || cells[0] == "| rule" {
			continue
		}
		rows++
		tests, _ := strings.CutSuffix(cells[1], " |")
		require.Regexp(t, name, tests, "no test: %s", line)
		require.Empty(t, strings.TrimSpace(name.ReplaceAllString(tests, "")), "a name that is not understood: %s", line)
		for _, m := range name.FindAllStringSubmatch(tests, -1) {
			require.True(t, exists(have, m[1], m[2]), "%s.%s is not in the tree", m[1], m[2])
		}
	}
	require.Equal(t, strings.Count(string(page), "\n| ")-strings.Count(string(page), "\n| rule |"), rows,
		"a row that is not understood")
}

// TestWhichOne holds receiver/README.md against the tree: every row of its table of guarantees names tests, and every
// test that the page names exists.
func TestWhichOne(t *testing.T) {
	text, err := os.ReadFile(root + "/receiver/README.md")
	require.NoError(t, err)
	page := string(text)
	have := functions(t)
	for _, m := range name.FindAllStringSubmatch(page, -1) {
		require.True(t, exists(have, m[1], m[2]), "%s.%s is not in the tree", m[1], m[2])
	}
	_, table, found := strings.Cut(page, "| shown by |\n|---|---|---|---|---|\n")
	require.True(t, found)
	rows := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") {
			break
		}
		rows++
		cells := strings.Split(strings.TrimSuffix(strings.TrimSpace(line), " |"), " | ")
		require.Len(t, cells, 5, line)
		require.Regexp(t, name, cells[4], "no test: %s", line)
		require.Empty(t, strings.TrimSpace(name.ReplaceAllString(cells[4], "")), "a name that is not understood: %s", line)
	}
	require.GreaterOrEqual(t, rows, 10)
}

// exists looks for a test in any directory that ends as pkg says. A case of a suite is a function of the suite's
// package.
func exists(have map[string]map[string]bool, pkg, test string) bool {
	if rest, ok := strings.CutPrefix(test, "Run/"); ok {
		test = strings.ToLower(rest[:1]) + rest[1:]
	}
	for dir, names := range have {
		if strings.HasSuffix("/"+dir, "/"+pkg) && names[test] {
			return true
		}
	}
	return false
}

// functions are the names of all functions, by directory: those of tests, and those of the suites.
func functions(t *testing.T) map[string]map[string]bool {
	t.Helper()
	found := make(map[string]map[string]bool)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." {
			return fs.SkipDir
		}
		dir := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(path, root+string(filepath.Separator))))
		if !strings.HasSuffix(path, "_test.go") && !(strings.HasSuffix(dir, "test") && strings.HasSuffix(path, ".go")) {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		if found[dir] == nil {
			found[dir] = make(map[string]bool)
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				found[dir][f.Name.Name] = true
			}
		}
		return nil
	})
	require.NoError(t, err)
	return found
}
