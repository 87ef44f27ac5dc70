package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// root is the path of the first module; those of the others begin with it.
const root = "github.com/kirimhooks/kirimhooks"

// tree is a checkout with its modules, the root first.
type tree struct {
	dir     string
	modules []mod
}

// mod is one module of a tree.
type mod struct {
	dir  string // from the tree's, with slashes; "." for the root
	file *modfile.File
}

func (m mod) path() string { return m.file.Module.Mod.Path }

// importable reports whether others can import it: what lies under internal is for this repository.
func (m mod) importable() bool { return !strings.HasPrefix(m.dir, "internal/") }

func readTree(dir string) (*tree, error) {
	t := &tree{dir: dir}
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && at != dir && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" ||
			d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || d.Name() != "go.mod":
			return nil
		}
		return t.read(at)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(t.modules, func(a, b mod) int { return strings.Compare(a.path(), b.path()) })
	if len(t.modules) == 0 || t.modules[0].path() != root {
		return nil, fmt.Errorf("%s has no go.mod of %s: name the repository with -dir", dir, root)
	}
	return t, nil
}

func (t *tree) read(at string) error {
	text, err := os.ReadFile(at)
	if err != nil {
		return err
	}
	file, err := modfile.Parse(at, text, nil)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(t.dir, filepath.Dir(at))
	if err != nil {
		return err
	}
	m := mod{filepath.ToSlash(rel), file}
	if want := path.Join(root, m.dir); m.path() != want {
		return fmt.Errorf("%s: module %s should be %s", at, m.path(), want)
	}
	t.modules = append(t.modules, m)
	return nil
}

// version returns the one version at which the modules require each other.
func (t *tree) version() (string, error) {
	version := ""
	var odd []error
	for _, m := range t.modules {
		for _, r := range m.file.Require {
			switch {
			case !sibling(r.Mod.Path):
			case version == "":
				version = r.Mod.Version
			case r.Mod.Version != version:
				odd = append(odd, fmt.Errorf("%s requires %s at %s, others at %s: run release prepare",
					m.path(), r.Mod.Path, r.Mod.Version, version))
			}
		}
	}
	if version == "" {
		return "", errors.New("no module requires another: nothing says which version this is")
	}
	return version, errors.Join(odd...)
}

func sibling(path string) bool { return path == root || strings.HasPrefix(path, root+"/") }
