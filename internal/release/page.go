package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// page is one whose Go blocks must compile.
type page struct {
	name   string
	folder string // of its program
	around string // that program, with room for the blocks: each takes the place of the line that begins as it does
}

var (
	//go:embed testdata/readme.go.txt
	aroundReadme string
	//go:embed testdata/receiver.go.txt
	aroundReceiver string
)

var pages = []page{
	{"README.md", "readme", aroundReadme},
	{"receiver/README.md", "receiver", aroundReceiver},
}

var block = regexp.MustCompile("(?s)```go\n(.*?)```")

// program returns a program of all Go blocks that a page prints.
func (t *tree) program(p page) (string, error) {
	text, err := os.ReadFile(filepath.Join(t.dir, filepath.FromSlash(p.name)))
	if err != nil {
		return "", err
	}
	program := p.around
	for _, found := range block.FindAllStringSubmatch(string(text), -1) {
		beginning, _, _ := strings.Cut(found[1], ":= ")
		place := beginning + ":= // README.md"
		if !strings.Contains(program, place) {
			return "", fmt.Errorf("%s: nothing is around the block that begins with %q; add it to testdata/%s.go.txt",
				p.name, beginning, p.folder)
		}
		program = strings.Replace(program, place, found[1], 1)
	}
	if strings.Contains(program, "// README.md") {
		return "", fmt.Errorf("%s lacks a block that testdata/%s.go.txt has room for", p.name, p.folder)
	}
	return program, nil
}
