package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// serve packs all modules that others can import into dir, laid out as a module proxy answers
// (https://go.dev/ref/mod#goproxy-protocol).
func (t *tree) serve(dir, version string) error {
	for _, m := range t.modules {
		if !m.importable() {
			continue
		}
		if err := t.pack(m, dir, version); err != nil {
			return fmt.Errorf("pack %s: %w", m.path(), err)
		}
	}
	return nil
}

func (t *tree) pack(m mod, dir, version string) error {
	escaped, err := module.EscapePath(m.path())
	if err != nil {
		return err
	}
	at := filepath.Join(dir, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	from := filepath.Join(t.dir, filepath.FromSlash(m.dir))
	text, err := os.ReadFile(filepath.Join(from, "go.mod"))
	if err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, time.Now().UTC()})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info,
		version + ".mod": text} {
		if err := os.WriteFile(filepath.Join(at, name), content, 0o644); err != nil {
			return err
		}
	}
	archive, err := os.Create(filepath.Join(at, version+".zip"))
	if err != nil {
		return err
	}
	if err := zip.CreateFromDir(archive, module.Version{Path: m.path(), Version: version}, from); err != nil {
		archive.Close()
		return err
	}
	return archive.Close()
}
