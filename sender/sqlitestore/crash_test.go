package sqlitestore_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
)

// fanOut is how many subscriptions each event of a worker is for.
const fanOut = 3

// work publishes, claims and settles for ever, and writes a line for all that was acknowledged: "p EVENT", "s
// DELIVERY".
func work(path, name string) {
	ctx := context.Background()
	s, err := sqlitestore.Open(ctx, path, sqlitestore.Config{})
	for n := 0; err == nil; n++ {
		pubs := batch(fmt.Sprintf("%s_%d_", name, n), 1+n%5, "x")
		var born []driver.Claim
		r := request(2)
		if _, born, err = s.Enqueue(ctx, pubs, &r); err != nil {
			break
		}
		for i := range pubs {
			fmt.Println("p", pubs[i].Event.ID)
		}
		var c driver.Claims
		if c, err = s.Claim(ctx, request(10)); err != nil {
			break
		}
		outcomes := delivered(append(born, c.Claims...))
		var settled []driver.Settled
		settled, err = s.Settle(ctx, outcomes)
		for i := range settled {
			if settled[i].Applied {
				fmt.Println("s", outcomes[i].DeliveryID)
			}
		}
	}
	fmt.Println("error", err)
}

// worker is a process that works until it is killed.
type worker struct {
	cmd   *exec.Cmd
	lines chan []string
}

func startWorker(t *testing.T, path, name string) worker {
	t.Helper()
	w := worker{exec.Command(os.Args[0]), make(chan []string, 1)}
	w.cmd.Env = append(os.Environ(), "SQLITESTORE_WORKER="+path, "SQLITESTORE_NAME="+name)
	w.cmd.Stderr = os.Stderr
	out, err := w.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, w.cmd.Start())
	started := make(chan struct{})
	go func() {
		var lines []string
		for in := bufio.NewScanner(out); in.Scan(); {
			if lines = append(lines, in.Text()); len(lines) == 1 {
				close(started)
			}
		}
		w.lines <- lines
	}()
	<-started
	return w
}

// kill ends the process as a power cut of the process would, and returns what it had acknowledged.
func (w worker) kill(t *testing.T) []string {
	t.Helper()
	require.NoError(t, w.cmd.Process.Kill())
	lines := <-w.lines
	_ = w.cmd.Wait() // it was killed: an error is what is expected
	return lines
}

// Two processes share a file and are killed again and again, in the middle of whatever they do. What they acknowledged
// is there.
func TestKilledProcessesLoseNothingTheyAcknowledged(t *testing.T) {
	rounds := 5
	if testing.Short() {
		rounds = 1
	}
	path := file(t)
	s := open(t, path, sqlitestore.Config{})
	for i := range fanOut {
		subscribe(t, s, fmt.Sprint("s", i), "x")
	}
	published, settled := map[string]bool{}, map[string]bool{}
	for round := range rounds {
		workers := []worker{startWorker(t, path, fmt.Sprint("a", round)), startWorker(t, path, fmt.Sprint("b", round))}
		time.Sleep(rand.N(100 * time.Millisecond)) // a moment nobody chose
		for _, w := range workers {
			for _, line := range w.kill(t) {
				kind, id, _ := strings.Cut(line, " ")
				switch kind {
				case "p":
					published[id] = true
				case "s":
					require.False(t, settled[id], "delivery %s was settled twice", id)
					settled[id] = true
				default:
					require.FailNow(t, "a worker stopped by itself", line)
				}
			}
		}
		requireSound(t, path)
	}
	byEvent, finished := map[string]int{}, map[string]bool{}
	for q := (driver.DeliveryQuery{Limit: 1000}); ; {
		page := list(t, s, q)
		for _, d := range page {
			byEvent[d.EventID]++
			if d.State == driver.StateDelivered {
				finished[d.ID] = true
				log, err := s.Attempts(t.Context(), "acme", d.ID)
				require.NoError(t, err)
				require.Equal(t, 200, log[len(log)-1].StatusCode, "state and log change together")
			}
			q.After = d.ID
		}
		if len(page) < q.Limit {
			break
		}
	}
	for id := range published {
		require.Equal(t, fanOut, byEvent[id], "event %s was acknowledged", id)
	}
	for id := range settled {
		require.True(t, finished[id], "delivery %s was acknowledged", id)
	}
	for id, n := range byEvent {
		require.Equal(t, fanOut, n, "event %s is all or nothing", id)
	}
	require.NotEmpty(t, settled)
	t.Logf("%d events and %d results acknowledged, %d kills", len(published), len(settled), 2*rounds)

	s.Advance(time.Hour) // the leases of the dead run out
	drained := drain(t, s)
	require.Equal(t, len(byEvent)*fanOut, len(finished)+drained, "every delivery is finished once")
}

// drain settles all that can be claimed and returns how many those were.
func drain(t *testing.T, s driver.Store) (n int) {
	t.Helper()
	for {
		c, err := s.Claim(t.Context(), request(100))
		require.NoError(t, err)
		if len(c.Claims) == 0 && !c.More {
			return n
		}
		settled, err := s.Settle(t.Context(), delivered(c.Claims))
		require.NoError(t, err)
		for _, x := range settled {
			require.True(t, x.Applied)
		}
		n += len(settled)
	}
}

func requireSound(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?"+durable)
	require.NoError(t, err)
	defer db.Close()
	var verdict string
	require.NoError(t, db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict))
	require.Equal(t, "ok", verdict)
}
