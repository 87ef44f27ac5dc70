// Command bench measures this library beside what else one might use, on the machine it runs on.
//
//	go run ./internal/bench [-quick] [-only NAME] [-cpuprofile FILE]
//
// Each case runs its contenders in turn, prints a table, and one line per budget:
//
//	BENCH name=<ratio> budget=<bound> ok|FALLS SHORT
//
// It starts what it needs: the far end as a process of its own, and private servers of Postgres and Redis, in
// directories that go with it. The exit status is 1 if a budget falls short.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"

	"github.com/kirimhooks/kirimhooks/internal/mysqltest"
)

// measurement is one case.
type measurement struct {
	name, what string
	run        func(ctx context.Context, b *bench) error
}

// cases in the order in which they run.
func cases() []measurement {
	return []measurement{
		signing(), verifying(), receiving(),
		deliverMemory(), deliverSQLite(), deliverPostgres(), defaults(),
		publishPostgres(), fanout(), latencyPostgres(), sustainPostgres(), emptyAnalyzed(),
		backlog(), scale(), memory(), noisy(),
		inboxAck(), inboxHandle(), inboxLanes(), consoles(),
	}
}

// bench is one run of this command: what the cases share, and the budgets as they come in.
type bench struct {
	out    io.Writer
	quick  bool
	short  bool // a budget fell short
	closes []func()
	pg     *postgres
	mysql  *mysqltest.Server
	redis  *redisServer
}

// pick is for sizes that differ between quick and full runs.
func (b *bench) pick(quick, full int) int {
	if b.quick {
		return quick
	}
	return full
}

// rounds is how often the contenders take turns.
func (b *bench) rounds() int { return b.pick(3, 7) }

func (b *bench) judge(budgets ...budget) {
	for _, one := range budgets {
		one.print(b.out)
		b.short = b.short || !one.ok()
	}
}

// later has f called when this command ends, last come first served.
func (b *bench) later(f func()) { b.closes = append(b.closes, f) }

func (b *bench) close() {
	for i := len(b.closes) - 1; i >= 0; i-- {
		b.closes[i]()
	}
}

// serve does what a child process was started for; false if this is none.
func serve(args []string) bool {
	if len(args) == 0 {
		return false
	}
	switch command, rest := args[0], args[1:]; {
	case command == sinkCommand:
		serveSink()
	case command == endpointCommand && len(rest) == 1:
		serveEndpoint(rest[0])
	case command == workerCommand && len(rest) == 1:
		serveWorker(rest[0])
	default:
		return false
	}
	return true
}

func main() {
	if serve(os.Args[1:]) {
		return
	}
	quick := flag.Bool("quick", false, "shorter runs")
	only := flag.String("only", "", "the one case to run, or several with commas between")
	profile := flag.String("cpuprofile", "",
		"file for a CPU profile of this process; its label contender says whose work it was")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	endProfile, err := startProfile(*profile)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	status := run(ctx, &bench{out: os.Stdout, quick: *quick}, *only)
	endProfile()
	stop()
	os.Exit(status)
}

func startProfile(path string) (end func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, nil
}

func run(ctx context.Context, b *bench, only string) (status int) {
	defer b.close()
	chosen, err := choose(cases(), only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 2
	}
	for _, m := range chosen {
		fmt.Fprintf(b.out, "%s: %s\n", m.name, m.what)
		if err := m.run(ctx, b); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", m.name, err)
			return 1
		}
		fmt.Fprintln(b.out)
	}
	if b.short {
		return 1
	}
	return 0
}

func choose(all []measurement, only string) ([]measurement, error) {
	if only == "" {
		return all, nil
	}
	var chosen []measurement
	for name := range strings.SplitSeq(only, ",") {
		found := false
		for _, m := range all {
			if m.name == name {
				chosen, found = append(chosen, m), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no case %q", name)
		}
	}
	return chosen, nil
}
