package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kirimhooks/kirimhooks/internal/pgtest"
)

//go:embed testdata/consumer
var programs embed.FS

// check packs the tree, and makes a module in an empty folder elsewhere. That module gets each of the tree's modules,
// compiles what the pages print and publishes through each store.
func check(ctx context.Context, t *tree, out io.Writer) (err error) {
	version, err := t.version()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	c := &consumer{dir: filepath.Join(dir, "stranger"), proxy: filepath.Join(dir, "proxy"),
		cache: filepath.Join(dir, "cache"), out: out}
	defer func() { err = errors.Join(err, c.forget(), os.RemoveAll(dir)) }()
	if err := t.serve(c.proxy, version); err != nil {
		return err
	}
	if err := c.write(t); err != nil {
		return err
	}
	if err := c.run(ctx, "mod", "init", "example.com/stranger"); err != nil {
		return err
	}
	for _, m := range t.modules {
		if !m.importable() {
			continue
		}
		if err := c.run(ctx, "get", m.path()+"@"+version); err != nil {
			return err
		}
	}
	if err := c.run(ctx, "build", "./..."); err != nil {
		return err
	}
	postgres, stop, err := server()
	if err != nil {
		return err
	}
	defer stop()
	c.env = append(c.env, "KIRIMHOOKS_POSTGRES="+postgres)
	for _, program := range []string{"./memory", "./sqlite", "./postgres", "./inbox"} {
		if err := c.run(ctx, "run", program); err != nil {
			return err
		}
	}
	return nil
}

// server returns a Postgres: the one that KIRIMHOOKS_POSTGRES names, or a private one.
func server() (dsn string, stop func(), err error) {
	if dsn := os.Getenv("KIRIMHOOKS_POSTGRES"); dsn != "" {
		return dsn, func() {}, nil
	}
	s, err := pgtest.Open()
	if err != nil {
		return "", nil, err
	}
	return s.DSN(), s.Close, nil
}

// consumer is a module of somebody else.
type consumer struct {
	dir, proxy, cache string
	env               []string
	out               io.Writer
}

// write lays the programs out.
func (c *consumer) write(t *tree) error {
	for _, p := range pages {
		text, err := t.program(p)
		if err != nil {
			return err
		}
		if err := c.file(p.folder+"/main.go", []byte(text)); err != nil {
			return err
		}
	}
	const from = "testdata/consumer"
	return fs.WalkDir(programs, from, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := programs.ReadFile(at)
		if err != nil {
			return err
		}
		return c.file(strings.TrimPrefix(at, from+"/"), text)
	})
}

func (c *consumer) file(name string, text []byte) error {
	to := filepath.Join(c.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

// run runs the go command as the stranger would, with a module cache of his own. What others publish comes from the
// cache of this machine first, so that nothing is fetched twice.
func (c *consumer) run(ctx context.Context, args ...string) error {
	fmt.Fprintln(c.out, "$ go", strings.Join(args, " "))
	known, err := exec.CommandContext(ctx, "go", "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	cache, proxy, _ := strings.Cut(strings.TrimSpace(string(known)), "\n")
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(),
		"GOWORK=off", "GOFLAGS=-mod=mod -trimpath", "GOMODCACHE="+c.cache,
		"GOPROXY=file://"+c.proxy+",file://"+filepath.Join(cache, "cache", "download")+","+proxy,
		"GONOSUMDB="+root+","+root+"/*", "GOTOOLCHAIN=local", "STRANGER_DIR="+c.dir)
	cmd.Env = append(cmd.Env, c.env...)
	said, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, said)
	}
	if args[0] == "run" {
		_, err = c.out.Write(said)
	}
	return err
}

// forget empties the stranger's module cache, whose files nobody may write.
func (c *consumer) forget() error {
	cmd := exec.Command("go", "clean", "-modcache")
	cmd.Env = append(os.Environ(), "GOMODCACHE="+c.cache)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go clean: %w\n%s", err, said)
	}
	return nil
}
