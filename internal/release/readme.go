package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// around is a program with room for the blocks of README.md: each takes the place of the line that begins as it does.
//
//go:embed testdata/readme.go.txt
var around string

var block = regexp.MustCompile("(?s)```go\n(.*?)```")

// readmeProgram returns a program of all Go blocks that README.md prints.
func (t *tree) readmeProgram() (string, error) {
	page, err := os.ReadFile(filepath.Join(t.dir, "README.md"))
	if err != nil {
		return "", err
	}
	program := around
	for _, found := range block.FindAllStringSubmatch(string(page), -1) {
		beginning, _, _ := strings.Cut(found[1], ":= ")
		place := beginning + ":= // README.md"
		if !strings.Contains(program, place) {
			return "", fmt.Errorf("README.md: nothing is around the block that begins with %q; add it to testdata/readme.go.txt",
				beginning)
		}
		program = strings.Replace(program, place, found[1], 1)
	}
	if strings.Contains(program, "// README.md") {
		return "", fmt.Errorf("README.md lacks a block that testdata/readme.go.txt has room for")
	}
	return program, nil
}
