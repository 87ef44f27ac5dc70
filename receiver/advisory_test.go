package receiver_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// One test for each published fault of others that this package must not share, by the id under which it is known.

// Signatures were compared up to the length of the shorter: an empty one always passed.
func TestAdvisory_CVE_2024_21491(t *testing.T) {
	stamp, mac, _ := strings.Cut(sign(kirimSecret, time.Now(), nativeBody), ",v1=")
	for n := range len(mac) {
		k := newRig(t, nil)
		require.Equal(t, 401, k.serve(post(nativeBody, "X-Kirim-Signature", stamp+",v1="+mac[:n])).Code, n)
	}
	standard := standardPost("msg_1", time.Now(), standardBody)
	code := standard.Header.Get("Webhook-Signature")
	for n := range len(code) {
		k := newRig(t, nil, dialects(receiver.Standard(keys(standardSecret))))
		r := standardPost("msg_1", time.Now(), standardBody)
		r.Header.Set("Webhook-Signature", code[:n])
		require.Equal(t, 401, k.serve(r).Code, n)
	}
}

// Without a stored secret nothing was verified, and everything accepted.
func TestAdvisory_CVE_2026_21894_and_CVE_2026_86080(t *testing.T) {
	var none signature.Secret
	for name, d := range map[string]receiver.Dialect{
		"kirim": receiver.Kirim(nil), "kirisan": receiver.Kirisan(nil), "standard": receiver.Standard(nil),
		"meta":            receiver.Meta(nil, signature.NewSecret(verifyToken)),
		"kirim, empty":    receiver.Kirim(signature.NewKeyring(none)),
		"kirisan, empty":  receiver.Kirisan(signature.NewKeyring(none)),
		"standard, empty": receiver.Standard(signature.NewKeyring(none)),
		"meta, empty":     receiver.Meta(signature.NewKeyring(none), signature.NewSecret(verifyToken)),
		"meta, no token":  receiver.Meta(keys(appSecret), none),
	} {
		h, err := receiver.Handler(returns(nil), receiver.Config{Dialects: []receiver.Dialect{d}})
		require.Error(t, err, name)
		require.Nil(t, h, name)
	}
}

// The secret of a webhook came from a variable that was not set, and its body went on unverified.
func TestAdvisory_CVE_2026_123870(t *testing.T) {
	for _, list := range []string{"", " ", ",", kirimSecret + ",", "," + kirimSecret} {
		ring, err := signature.ParseKeyring(list)
		require.ErrorIs(t, err, signature.ErrNoSecret)
		require.Nil(t, ring)
	}
	ring := keys(kirimSecret)
	require.Error(t, ring.Replace(), "nor is it lost later")
	k := newRig(t, nil, dialects(receiver.Kirim(ring)))
	require.Equal(t, 401, k.serve(post(nativeBody, "X-Kirim-Event", "contact.created")).Code)
	require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
}

// WhatsApp webhooks did not look at X-Hub-Signature-256.
func TestAdvisory_CVE_2026_33143_and_CVE_2026_39969(t *testing.T) {
	for _, header := range []string{"", "sha256=", "sha256", "sha1=00", "sha256=" + strings.Repeat("0", 64),
		metaPost([]byte("{}")).Header.Get("X-Hub-Signature-256")} {
		k := newRig(t, nil, dialects(receiver.Meta(keys(appSecret), signature.NewSecret(verifyToken))))
		require.Equal(t, 401, k.serve(post(messageBody, "X-Hub-Signature-256", header)).Code, header)
		require.Zero(t, k.runs())
	}
	k := newRig(t, nil)
	require.Equal(t, 401, k.serve(post(messageBody)).Code)
	require.Equal(t, 200, k.serve(metaPost(messageBody)).Code)
}

// A large body with a header of the attacker's choice was parsed by whoever knew nothing.
func TestAdvisory_CVE_2024_40634(t *testing.T) {
	d, seen := observed(receiver.Kirim(keys(kirimSecret)))
	k := newRig(t, nil, dialects(d))
	large := &counting{Reader: endless{}}
	r := post(nil, "X-Kirim-Signature", sign(kirimSecret, time.Now(), nil), "X-GitHub-Event", "push", "X-Gitlab-Event",
		"Push Hook")
	r.Body, r.ContentLength = io.NopCloser(large), -1
	require.Equal(t, 413, k.serve(r).Code)
	require.LessOrEqual(t, large.n, 4<<20+1)
	require.Equal(t, 401, k.serve(post([]byte(strings.Repeat("[", 1<<20)), "X-Kirim-Signature", "t=1,v1=00")).Code)
	require.Zero(t, *seen)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

type counting struct {
	io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// A malformed body of a known event ended the process.
func TestAdvisory_CVE_2025_59538(t *testing.T) {
	k := newRig(t, nil)
	for _, whole := range [][]byte{nativeBody, messageBody, statusBody("sent", "1"), bothBody, errorsBody} {
		for n := range whole {
			require.NotEqual(t, 500, k.serve(kirimPost(whole[:n])).Code)
			null := []byte(strings.Replace(string(whole), string(whole[n:n+1]), "null", 1))
			require.NotEqual(t, 500, k.serve(kirimPost(null)).Code)
			require.NotEqual(t, 500, k.serve(metaPost(whole[:n])).Code)
		}
	}
	require.NotContains(t, k.logs.String(), "level=ERROR")
}

// A malformed signature was an exception that nobody caught.
func TestAdvisory_CVE_2023_50728(t *testing.T) {
	k := newRig(t, nil, dialects(receiver.Kirim(keys(kirimSecret)), receiver.Kirisan(keys(kirisanSecret)),
		receiver.Meta(keys(appSecret), signature.NewSecret(verifyToken)), receiver.Standard(keys(standardSecret))))
	for _, value := range []string{
		"", ",", "=", "==", ",,,", "t", "t=", "t=1", "v1", "v1,", "v1,=", "sha256=", "sha256=\x00", "undefined", "null",
		"\xff\xfe",
		strings.Repeat("=", 10_000), strings.Repeat(",", 10_000),
	} {
		for _, name := range []string{"X-Kirim-Signature", "X-Webhook-Secret", "X-Hub-Signature-256", "Webhook-Signature",
			"Webhook-Timestamp", "Webhook-Id"} {
			r := post(nativeBody)
			if name == "X-Webhook-Secret" {
				r.Header.Set("X-Kirisan-Event", "a")
			}
			r.Header[name] = []string{value}
			require.Equal(t, 401, k.serve(r).Code, "%s: %q", name, value)
		}
	}
}

// Codes and tokens were compared by ==, which takes longer the more of them fits.
func TestAdvisory_CVE_2022_36885(t *testing.T) {
	files, err := filepath.Glob("../signature/*.go")
	require.NoError(t, err)
	own, err := filepath.Glob("*.go")
	require.NoError(t, err)
	compared, loops := 0, 0
	for _, name := range append(files, own...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && !isConstant(n.X) && !isConstant(n.Y) {
					require.False(t, isSecret(n.X) || isSecret(n.Y), "%s compares a secret or a code by %s", name, n.Op)
				}
			case *ast.SelectorExpr:
				base, ok := n.X.(*ast.Ident)
				if !ok {
					break
				}
				call := base.Name + "." + n.Sel.Name
				require.NotContains(t, []string{"bytes.Equal", "bytes.Compare", "slices.Equal", "strings.Compare",
					"reflect.DeepEqual"}, call, name)
				require.False(t, call == "strings.EqualFold" && filepath.Dir(name) == "../signature", "%s uses %s", name, call)
				if call == "subtle.ConstantTimeCompare" {
					compared++
				}
			case *ast.FuncDecl:
				// These do the comparing, each in a loop over all there is: nothing may end it, or skip a part, early.
				if strings.HasPrefix(n.Name.Name, "fits") || n.Name.Name == "VerifyShared" {
					loops += steadyLoops(t, name, n)
				}
			}
			return true
		})
	}
	require.NotZero(t, compared)
	require.NotZero(t, loops)
}

// steadyLoops counts the loops of f and fails where one does more or less for some data than for other. To pass over a
// secret that is absent is fine.
func steadyLoops(t *testing.T, name string, f *ast.FuncDecl) (n int) {
	t.Helper()
	inLoop := func(inner ast.Node) bool {
		switch inner := inner.(type) {
		case *ast.IfStmt:
			if skip, ok := inner.Body.List[0].(*ast.BranchStmt); ok && skip.Tok == token.CONTINUE && isNilCheck(inner.Cond) {
				return false
			}
		case *ast.SwitchStmt, *ast.ReturnStmt, *ast.BranchStmt:
		default:
			return true
		}
		require.Fail(t, "a comparison that depends on the data", "%s: %s", name, f.Name.Name)
		return false
	}
	ast.Inspect(f, func(loop ast.Node) bool {
		switch loop.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			n++
			ast.Inspect(loop, inLoop)
		}
		return true
	})
	return n
}

func isNilCheck(e ast.Expr) bool {
	compared, ok := e.(*ast.BinaryExpr)
	if !ok || compared.Op != token.EQL {
		return false
	}
	name, ok := compared.Y.(*ast.Ident)
	return ok && name.Name == "nil"
}

// isConstant reports whether it is a literal or nil: whether a secret is empty is none.
func isConstant(e ast.Expr) bool {
	name, ok := e.(*ast.Ident)
	_, literal := e.(*ast.BasicLit)
	return literal || ok && name.Name == "nil"
}

// isSecret tells by its name what must not be compared.
func isSecret(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.Ident); ok && (f.Name == "len" || f.Name == "cap") {
			return false
		}
		return isSecret(e.Fun) || slices.ContainsFunc(e.Args, isSecret)
	case *ast.SelectorExpr:
		return isSecret(e.Sel)
	case *ast.SliceExpr:
		return isSecret(e.X)
	case *ast.Ident:
		switch e.Name {
		case "Reveal", "text", "digest", "sum", "mac", "macs", "key":
			return true
		}
	}
	return false
}

// The result of the verification was dropped.
func TestAdvisory_GHSA_4g53_vp7q_gfjv(t *testing.T) {
	no := errors.New("no")
	d, seen := observed(receiver.Kirim(keys(kirimSecret)))
	d.Verify = func(receiver.Request, time.Time) (int, error) { return 0, no }
	k := newRig(t, nil, dialects(d))
	require.Equal(t, 401, k.serve(kirimPost(nativeBody)).Code)
	require.ErrorIs(t, k.rejected[0], no)
	require.Zero(t, *seen+k.runs())
}

// The type of the content chose the parser, and the path was routed before it was canonical.
func TestAdvisory_CVE_2026_21858(t *testing.T) {
	for _, contentType := range []string{"", "application/json", "text/plain", "multipart/form-data; boundary=x",
		"application/x-www-form-urlencoded", "application/xml", "\x00"} {
		k := newRig(t, nil)
		r := kirimPost(nativeBody)
		r.Header = http.Header{"X-Kirim-Signature": r.Header["X-Kirim-Signature"], "Content-Type": {contentType}}
		r.URL.Path = "//webhooks/../x"
		require.Equal(t, 200, k.serve(r).Code)
		require.Equal(t, "evt_1", k.last(t).ID)
	}
}
