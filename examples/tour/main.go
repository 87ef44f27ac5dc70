// Command tour shows both ends of a webhook in one process, over real HTTP on the loopback: a platform that sends with
// package sender, and an integrator that receives with package receiver. It tells what happens, checks it, and exits
// with 1 if anything is not as it should be.
//
//	go run ./examples/tour
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		fmt.Fprintln(stderr, "tour: it takes no arguments; see the other examples for what does")
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := tell(ctx, stdout); err != nil {
		fmt.Fprintln(stderr, "tour:", err)
		return 1
	}
	return 0
}

// stage is what the chapters have in common.
type stage struct {
	out        io.Writer
	platform   *platform
	integrator *integrator
}

// say prints one line of a chapter.
func (s *stage) say(label, format string, args ...any) {
	fmt.Fprintf(s.out, "   %-24s %s\n", label, fmt.Sprintf(format, args...))
}

// tell raises the curtain: both ends work until the last chapter is told, or one of them fails.
func tell(ctx context.Context, out io.Writer) error {
	kirimSecret, kirisanSecret := signature.GenerateSecret(), signature.GenerateSecret()
	integrator, err := newIntegrator(kirimSecret, kirisanSecret)
	if err != nil {
		return err
	}
	platform, err := newPlatform(ctx, integrator.url(), kirimSecret, kirisanSecret)
	if err != nil {
		return errors.Join(err, integrator.listener.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var ends sync.WaitGroup
	var served, ran error
	ends.Go(func() { defer stop(); served = integrator.serve(ctx) })
	ends.Go(func() { defer stop(); ran = platform.sender.Run(ctx) })
	told := play(ctx, &stage{out, platform, integrator})
	stop()
	ends.Wait()
	return errors.Join(told, served, ran)
}

func play(ctx context.Context, s *stage) error {
	began := time.Now()
	fmt.Fprintf(s.out, "A platform delivers events to an integrator at %s\n", s.integrator.url())
	for i, chapter := range []struct {
		title string
		play  func(context.Context, *stage) error
	}{
		{"A new endpoint of Kirisan's waits for a test", pendingTest},
		{"Every kind of event arrives, byte for byte, as its Go type", everyKind},
		{"An endpoint that is busy gets another attempt", retry},
		{"What was sent or handled before is not sent or handled again", duplicate},
		{"A forged request is refused, and harms no genuine one", forgery},
		{"A secret is replaced without a gap", rotation},
		{"A dead letter is replayed", deadLetter},
	} {
		fmt.Fprintf(s.out, "\n%d  %s\n", i+1, chapter.title)
		if err := chapter.play(ctx, s); err != nil {
			return fmt.Errorf("not as it should be: %s: %w", chapter.title, err)
		}
	}
	fmt.Fprintf(s.out, "\nAll is as it should be: %d events handled in %.1f s.\n", s.integrator.count(),
		time.Since(began).Seconds())
	return nil
}

// expect is an error if got is not what should be.
func expect[T comparable](what string, got, want T) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%s is %v instead of %v", what, got, want)
}
