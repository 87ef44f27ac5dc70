// Command release prepares a version of all modules of this repository, proves that others can use it, and tags it.
//
//	go run ./internal/release check             # packs every module and uses them from outside
//	go run ./internal/release prepare v0.2.0    # writes the version into every go.mod and the changelog
//	go run ./internal/release tags              # prints the tags of the version that is prepared
//
// All modules share one version. Each requires its siblings at it: a replace in its go.mod serves the work in this tree
// alone, since whoever uses the module is not bound by it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	flag.Usage = func() { usage(os.Stderr) }
	dir := flag.String("dir", ".", "the repository")
	flag.Parse()
	if err := run(ctx, *dir, flag.Args(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: release [-dir DIR] check | prepare VERSION | tags")
}

func run(ctx context.Context, dir string, args []string, out io.Writer) error {
	t, err := readTree(dir)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "check":
		return check(ctx, t, out)
	case len(args) == 2 && args[0] == "prepare":
		return t.prepare(args[1])
	case len(args) == 1 && args[0] == "tags":
		return t.tags(out)
	}
	usage(out)
	return fmt.Errorf("unknown arguments %q", args)
}
