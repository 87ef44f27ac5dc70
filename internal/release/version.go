package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

const unreleased = "## Unreleased\n"

// prepare writes a version into every go.mod and gives the changelog's newest part its name.
func (t *tree) prepare(version string) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version {
		return fmt.Errorf("version %q is not of the form v1.2.3", version)
	}
	if now, err := t.version(); err == nil && semver.Compare(version, now) < 0 {
		return fmt.Errorf("version %s is older than %s, which the modules have", version, now)
	}
	for _, m := range t.modules {
		if err := t.require(m, version); err != nil {
			return err
		}
	}
	return t.nameChanges(version)
}

// require sets the version of all siblings in one go.mod.
func (t *tree) require(m mod, version string) error {
	for _, r := range m.file.Require {
		if !sibling(r.Mod.Path) {
			continue
		}
		if err := m.file.AddRequire(r.Mod.Path, version); err != nil {
			return err
		}
	}
	text, err := m.file.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(t.dir, filepath.FromSlash(m.dir), "go.mod"), text, 0o644)
}

func (t *tree) nameChanges(version string) error {
	name := filepath.Join(t.dir, "CHANGELOG.md")
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(page), unreleased)
	if !found {
		return fmt.Errorf("%s has no part %q", name, strings.TrimSpace(unreleased))
	}
	heading := fmt.Sprintf("## %s, %s\n", version, time.Now().UTC().Format(time.DateOnly))
	return os.WriteFile(name, []byte(before+unreleased+"\n"+heading+after), 0o644)
}

// tags prints one tag for each module that others can import: a module in a folder has the folder before its version.
func (t *tree) tags(out io.Writer) error {
	version, err := t.version()
	if err != nil {
		return err
	}
	for _, m := range t.modules {
		switch {
		case m.dir == ".":
			fmt.Fprintln(out, version)
		case m.importable():
			fmt.Fprintln(out, m.dir+"/"+version)
		}
	}
	return nil
}
