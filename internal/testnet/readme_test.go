package testnet_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// around is a program with room for the blocks of README.md: each takes the place of the line that begins as it does.
const around = `package main

import (
	"context"
	"log"
	"os"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

var crm interface {
	Save(ctx context.Context, id string, c kirim.Contact) error
}

func receive() (any, error) {
	keys, err := // README.md
	return h, err
}

func send(ctx context.Context, contact kirim.Contact) (any, error) {
	s, err := // README.md
	return []any{sub, secret, receipt}, err
}

func main() {
	_, _ = receive()
	_, _ = send(context.Background(), kirim.Contact{})
}
`

// What README.md prints compiles as it stands.
func TestReadmeCompiles(t *testing.T) {
	page, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	program := around
	for _, block := range blocks {
		beginning := block[1][:strings.Index(block[1], ":= ")] + ":= // README.md"
		require.Contains(t, program, beginning, "nothing is around this block")
		program = strings.Replace(program, beginning, block[1], 1)
	}
	require.Equal(t, 2, len(blocks))

	// The program is nowhere but in this test: the go command is told to see it in the tree.
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(file, []byte(program), 0o600))
	tree, err := filepath.Abs(root)
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(tree, "internal", "readme", "main.go"): file}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	build := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", filepath.Join(dir, "readme"), "./internal/readme")
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
