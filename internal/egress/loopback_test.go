package egress_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
)

// What a test's own connections may be made or awaited with, and which argument is the address.
var addressed = map[string]int{
	"net.Dial": 1, "net.DialTimeout": 1, "net.Listen": 1, "net.ListenPacket": 1, "tls.Dial": 1, "tls.Listen": 1,
	"http.Get": 0, "http.Head": 0, "http.Post": 0, "http.PostForm": 0,
	"testnet.Serve": 1, "testnet.ServeTLS": 1,
}

// The tests of every module that could reach a network are confined to this machine, by importing package confine, and
// name no address beyond it. Confined, they ask no name server and their clients connect to loopback alone. Addresses
// dialled by hand are seen here where they are written; what this package's own tests put together runs into their
// tripwire.
func TestTestsStayOnLoopback(t *testing.T) {
	tested, networked, confined := map[string]bool{}, map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2:
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		dir := filepath.Dir(path)
		networked[dir] = networked[dir] || imports(file, reaching)
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		tested[dir] = true
		confined[dir] = confined[dir] || imports(file, regexp.MustCompile("/internal/testnet/confine$"))
		guarded := filepath.Base(dir) == "egress"
		for _, text := range strays(file, guarded) {
			t.Errorf("%s names %s; tests stay on loopback", path, text)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(tested), 20)
	for dir := range tested {
		require.True(t, confined[dir] || !networked[dir],
			"the tests of %s may reach a network; import package confine in one of them", dir)
	}
}

// reaching are the packages by which a test could come to a network.
var reaching = regexp.MustCompile(`^net$|^net/http|^kirimhooks/(sender|internal/(egress|harness|pgtest))`)

func imports(file *ast.File, pattern *regexp.Regexp) bool {
	return slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool {
		path, err := strconv.Unquote(spec.Path.Value)
		return err == nil && pattern.MatchString(strings.TrimPrefix(path, "github.com/kirimhooks/"))
	})
}

func TestStraysAreSeen(t *testing.T) {
	source := `package p
var a, b, c = net.Dial("tcp", "192.0.2.1:80"), net.Listen("tcp", ":0"), http.Get("http://example.com/")
var d, e, f = net.Dial("tcp", "127.0.2.1:80"), net.Listen("tcp", "[::1]:0"), http.Get("http://localhost/")
var g, h = "https://1.1.1.1/x", "https://10.0.0.1/"`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", source, parser.SkipObjectResolution)
	require.NoError(t, err)
	require.Equal(t, []string{"192.0.2.1:80", ":0", "http://example.com/", "https://1.1.1.1/x"}, strays(file, false))
	require.Len(t, strays(file, true), 3)
}

// strays lists the addresses in file that are dialled or listened on beyond loopback, and unless guarded the URLs that
// a sender would deliver to.
func strays(file *ast.File, guarded bool) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			selector, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			base, _ := selector.X.(*ast.Ident)
			if base == nil {
				return true
			}
			at, ok := addressed[base.Name+"."+selector.Sel.Name]
			if !ok || at >= len(n.Args) {
				return true
			}
			if text, ok := literal(n.Args[at]); ok && !staysHome(text) {
				found = append(found, text)
			}
		case *ast.BasicLit:
			text, ok := literal(n)
			if u, err := url.Parse(text); !guarded && ok && err == nil {
				addr, err := netip.ParseAddr(u.Hostname())
				if err == nil && (egress.Policy{}).Check(netip.AddrPortFrom(addr, 443)) == nil {
					found = append(found, text)
				}
			}
		}
		return true
	})
	return found
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// staysHome reports whether text, an address or a URL, is on loopback.
func staysHome(text string) bool {
	host, _, err := net.SplitHostPort(text)
	if u, errURL := url.Parse(text); errURL == nil && u.Host != "" {
		host, err = u.Hostname(), nil
	}
	addr, errAddr := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || errAddr == nil && addr.IsLoopback())
}
