// Package kirimhooks_test holds the one test at the root: which package may import which.
package kirimhooks_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/kirimhooks/kirimhooks"

// arrows lists, for each package outside examples, what of this module and of others it may import. The standard
// library is always allowed. Sender and receiver must never meet: a program that only receives shall not carry a
// sender.
var arrows = map[string][]string{
	"envelope":                     {"envelope/internal/wire"},
	"envelope/internal/wire":       {},
	"envelope/kirim":               {"envelope", "envelope/internal/wire", "internal/id"},
	"envelope/meta":                {"envelope", "envelope/internal/wire"},
	"envelope/kirisan":             {"envelope", "envelope/internal/wire", "envelope/meta"},
	"signature":                    {},
	"dedupe":                       {},
	"dedupe/dedupetest":            {"dedupe", testify},
	"receiver":                     {"envelope", "envelope/kirim", "envelope/meta", "envelope/kirisan", "signature", "dedupe"},
	"receiver/tracker":             {"receiver", "envelope", "envelope/kirim", "envelope/meta", "envelope/kirisan"},
	"receiver/tracker/trackertest": {"receiver/tracker", "envelope", testify},
	"receiver/receivertest":        {"envelope", "envelope/kirim", "envelope/kirisan", "signature"},
	"sender": {
		"sender/driver", "envelope", "envelope/kirim", "envelope/meta", "envelope/kirisan", "signature",
		"internal/egress", "internal/id", "internal/samples", "sender/internal/batcher", "sender/internal/limiter", backoff,
	},
	"sender/internal/batcher":  {},
	"sender/internal/limiter":  {},
	"sender/driver":            {"envelope"},
	"sender/memstore":          append([]string{"internal/id"}, storeArrows...),
	"sender/storetest":         append([]string{testify}, storeArrows...),
	"sender/sendertest":        {"sender", "sender/memstore", "envelope/kirim", "envelope/kirisan", "signature"},
	"internal/claimtest":       {"dedupe", "dedupe/dedupetest", "internal/verdicttest", testify},
	"internal/dashboard":       {},
	"internal/egress":          {},
	"internal/id":              {},
	"internal/leaves":          {}, // for tests
	"internal/samples":         {"envelope"},
	"internal/mysqltest":       {"internal/servertest"},
	"internal/pgtest":          {"internal/servertest"},
	"internal/redistest":       {"internal/servertest"},
	"internal/servertest":      {},
	"internal/verdicttest":     {},
	"internal/testnet":         {testify},
	"internal/testnet/confine": {},
}

// A store knows package driver, never the Sender above it.
var storeArrows = []string{"sender/driver", "envelope"}

// nestedModules are modules of their own. Each may import these, and what is internal.
var nestedModules = map[string][]string{
	"dedupe/redisdedupe":          {"dedupe"},
	"dedupe/sqldedupe":            {"dedupe"},
	"sender/console":              {"envelope", "sender", "signature"},
	"receiver/sqlinbox/console":   {"receiver/sqlinbox"},
	"receiver/tracker/sqltracker": {"receiver/tracker", "envelope"},
	"sender/pgstore":              storeArrows,
	"sender/sqlitestore":          storeArrows,
}

const (
	testify = "github.com/stretchr/testify"
	backoff = "github.com/cenkalti/backoff/v4"
)

// testOnly may link the testing package: everything else would carry it, and its flags, into users' programs.
func testOnly(pkg string) bool { return strings.HasSuffix(pkg, "test") || pkg == "internal/testnet" }

func TestArrowsOfNestedModules(t *testing.T) {
	for dir, allowed := range nestedModules {
		list := importsByPackage(t, dir)[dir]
		require.NotEmpty(t, list, dir)
		for _, path := range list {
			if ours, is := strings.CutPrefix(path, module+"/"); is {
				ok := slices.Contains(allowed, ours) || strings.HasPrefix(ours, "internal/")
				require.True(t, ok, "%s must not import %s", dir, path)
			}
		}
	}
}

func TestArrows(t *testing.T) {
	imports := importsByPackage(t, ".")
	for pkg, list := range imports {
		if strings.HasPrefix(pkg, "examples/") {
			continue
		}
		allowed, known := arrows[pkg]
		require.True(t, known, "package %s is not in arrows: say what it may import", pkg)
		for _, path := range list {
			if path == "testing" || strings.HasPrefix(path, "testing/") {
				require.True(t, testOnly(pkg), "%s imports %s: only packages for tests may", pkg, path)
			}
			if !strings.Contains(strings.Split(path, "/")[0], ".") {
				continue
			}
			ours := strings.TrimPrefix(path, module+"/")
			ok := slices.ContainsFunc(allowed, func(a string) bool {
				return ours == a || path == a || (a == testify && strings.HasPrefix(path, testify+"/"))
			})
			require.True(t, ok, "%s must not import %s", pkg, path)
		}
	}
	for pkg := range arrows {
		require.Contains(t, imports, pkg, "arrows lists a package that is gone")
	}
}

// importsByPackage reads the imports of all non-test files of the module whose root is at.
func importsByPackage(t *testing.T, at string) map[string][]string {
	imports := map[string][]string{}
	err := filepath.WalkDir(at, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != at && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || nested(path)):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		imports[pkg] = append(imports[pkg], []string{}...)
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[pkg] = append(imports[pkg], name)
		}
		return nil
	})
	require.NoError(t, err)
	return imports
}

// nested reports whether dir is a module of its own.
func nested(dir string) bool {
	found, err := filepath.Glob(filepath.Join(dir, "go.mod"))
	return err == nil && len(found) > 0
}
