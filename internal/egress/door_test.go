package egress_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// doors are what else could open a connection, or have a name looked up; "" is a whole package.
var doors = map[string][]string{
	"net": {
		"Dial", "DialTimeout", "DialIP", "DialTCP", "DialUDP", "DialUnix", "Dialer", "ListenIP", "ListenMulticastUDP",
		"ListenPacket", "ListenUDP", "FileConn", "FilePacketConn",
		"DefaultResolver", "Resolver", "ResolveIPAddr", "ResolveTCPAddr", "ResolveUDPAddr", "LookupAddr", "LookupCNAME",
		"LookupHost", "LookupIP", "LookupMX", "LookupNS", "LookupPort",
		"LookupSRV", "LookupTXT",
	},
	"net/http":          {"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"},
	"net/http/httputil": {"ReverseProxy", "NewSingleHostReverseProxy"},
	"crypto/tls":        {"Dial", "DialWithDialer", "Dialer"},
	"log/syslog":        {""},
	"net/rpc":           {""},
	"net/rpc/jsonrpc":   {""},
	"net/smtp":          {""},
	"net/textproto":     {""},
	"os/exec":           {""},
	"plugin":            {""},
	"syscall":           {""},
	"unsafe":            {""}, // also for go:linkname
}

// Whatever is linked into a user's program is looked at, the stores in modules of their own included; pgstore leaves
// the connection to its database to the driver.
func TestNothingElseDials(t *testing.T) {
	const root = "../.."
	skip := []string{
		".git", "examples", "internal/egress", "internal/testnet", "internal/harness", "internal/bench", "internal/interop",
		"internal/release",
	}
	files := map[string]int{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		require.NoError(t, err)
		rel = filepath.ToSlash(rel)
		if entry.IsDir() {
			if slices.Contains(skip, rel) || strings.HasSuffix(rel, "test") {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(rel, ".go") && !strings.HasSuffix(rel, "_test.go") {
			files[filepath.ToSlash(filepath.Dir(rel))]++
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, door := range openings(t, rel, source) {
				t.Errorf("%s uses %s; requests leave through internal/egress alone", rel, door)
			}
		}
		return nil
	})
	require.NoError(t, err)
	for _, dir := range []string{"sender", "sender/memstore", "sender/pgstore", "sender/sqlitestore", "receiver", "dedupe",
		"signature", "envelope"} {
		require.NotZero(t, files[dir], dir)
	}
}

func TestOpeningsAreSeen(t *testing.T) {
	source := `package p
import ("net"; web "net/http"; . "crypto/tls"; _ "net/smtp"; "net/netip")
var a, b, c, d = net.Dial, &web.Client{}, web.NewRequest, netip.ParseAddr`
	require.Equal(t, []string{"crypto/tls", "net/smtp", "net.Dial", "net/http.Client"},
		openings(t, "p.go", []byte(source)))
}

// openings lists the doors that source uses. A package with a door must be imported by a name, so that its uses are
// seen.
func openings(t *testing.T, name string, source []byte) (found []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	require.NoError(t, err)
	packages := make(map[string]string)
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		local := path[strings.LastIndexByte(path, '/')+1:]
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if slices.Contains(doors[path], "") || len(doors[path]) > 0 && local == "." {
			found = append(found, path)
		}
		packages[local] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if base, ok := selector.X.(*ast.Ident); ok && slices.Contains(doors[packages[base.Name]], selector.Sel.Name) {
			found = append(found, packages[base.Name]+"."+selector.Sel.Name)
		}
		return true
	})
	return found
}
