package sqlinbox_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/internal/mysqltest"
	"github.com/kirimhooks/kirimhooks/internal/pgtest"
	"github.com/kirimhooks/kirimhooks/internal/servertest"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/signature"
)

// TestMain lets a test run programs of its own: a copy of the test binary with this variable set is one.
func TestMain(m *testing.M) {
	_ = mysql.SetLogger(log.New(io.Discard, "", 0)) // servers are killed here
	if dsn := os.Getenv("BE_A_WORKER"); dsn != "" {
		if err := beAWorker(dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const crashSecret = "whsec_of_the_crash_test"

// beAWorker receives events and handles them until it is killed. One run in ten fails.
func beAWorker(from string) error {
	name, dsn, _ := strings.Cut(from, "|")
	s := map[string]source{
		"sqlite":   {sqlinbox.SQLite, "sqlite", dsn},
		"postgres": {sqlinbox.Postgres, "pgx", dsn},
		"mysql":    {sqlinbox.MySQL, "mysql", dsn},
	}[name]
	db, err := sql.Open(s.driver, s.dsn)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	waits := make([]time.Duration, 100)
	for i := range waits {
		waits[i] = 5 * time.Millisecond
	}
	inbox, err := sqlinbox.New(db, s.flavor, receiver.HandlerFunc(applyEffect), sqlinbox.Config{
		Key: laneOf, Workers: 8, Waits: waits, Lease: 2 * time.Second, PollInterval: 20 * time.Millisecond,
		Logger: quiet,
	})
	if err != nil {
		return err
	}
	keys := signature.NewKeyring(signature.NewSecret(crashSecret))
	handler, err := receiver.Handler(inbox, receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(keys)}, Logger: quiet,
	})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	go http.Serve(l, handler)
	return inbox.Run(context.Background())
}

// laneOf is the first part of an id such as "evt_3_17".
func laneOf(ev *receiver.Event) string { return strings.Split(ev.ID, "_")[1] }

func applyEffect(ctx context.Context, ev *receiver.Event) error {
	if rand.N(2) == 0 {
		time.Sleep(rand.N(5 * time.Millisecond)) // so that kills find handlers at work
	}
	tx := sqlinbox.Tx(ctx)
	if _, err := tx.ExecContext(ctx, `insert into effects (id) values ('`+ev.ID+`')`); err != nil {
		return err
	}
	if rand.N(10) == 0 {
		return errors.New("one in ten fails")
	}
	return nil
}

// Workers are killed at random while they receive, handle and commit. No effect is lost, none doubled, and none out of
// its lane's order.
func TestKilledWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time")
	}
	for name, open := range sources {
		t.Run(name, func(t *testing.T) {
			c := newCrash(t, open(t), 3)
			c.play(25, 200*time.Millisecond, func() { c.start(rand.N(len(c.workers))) })
			c.check()
		})
	}
}

// The databases themselves are killed, and come back, while workers go on. Whether a commit was heard of or not, its
// effect is there once.
func TestKilledDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time")
	}
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Start(t)
		killServer(t, server, source{sqlinbox.Postgres, "pgx", server.DSN()})
	})
	t.Run("mysql", func(t *testing.T) {
		server := mysqltest.Start(t)
		name := servertest.Scratch(t, "mysql", server.DSN(), "create database {name}", "drop database {name}")
		killServer(t, server, source{sqlinbox.MySQL, "mysql", server.DSN() + name})
	})
}

func killServer(t *testing.T, server interface {
	Crash() error
	Restart() error
}, s source) {
	c := newCrash(t, s, 2)
	c.play(4, time.Second, func() {
		require.NoError(t, server.Crash())
		require.NoError(t, server.Restart())
	})
	c.check()
}

const (
	crashLanes  = 12
	crashEvents = 40 // in each lane
)

type worker struct {
	cmd *exec.Cmd
	url string
}

// crash is one such game.
type crash struct {
	*testing.T
	db      *sql.DB
	inbox   *sqlinbox.Inbox
	source  string
	mu      sync.Mutex
	workers []*worker
}

func newCrash(t *testing.T, s source, workers int) *crash {
	db := s.open(t)
	inbox, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), sqlinbox.Config{})
	require.NoError(t, err)
	require.NoError(t, inbox.Migrate(t.Context()))
	number := map[sqlinbox.Flavor]string{
		sqlinbox.SQLite: "integer", sqlinbox.Postgres: "bigserial", sqlinbox.MySQL: "bigint auto_increment",
	}[s.flavor]
	_, err = db.ExecContext(t.Context(), `create table effects (n `+number+` primary key, id varchar(64) not null)`)
	require.NoError(t, err)
	c := &crash{T: t, db: db, inbox: inbox, source: s.flavor.String() + "|" + s.dsn, workers: make([]*worker, workers)}
	for i := range c.workers {
		c.start(i)
	}
	return c
}

// play sends all events, kills so many times meanwhile, and waits until all are done.
func (c *crash) play(kills int, every time.Duration, kill func()) {
	ctx := c.Context()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		var senders sync.WaitGroup
		for lane := range crashLanes {
			senders.Go(func() {
				for i := range crashEvents {
					c.send(ctx, fmt.Sprintf("evt_%d_%03d", lane, i))
				}
			})
		}
		senders.Wait()
	}()
	for range kills {
		time.Sleep(every/10 + rand.N(every))
		kill()
	}
	<-sent
	var n sqlinbox.Counts
	for limit := time.Now().Add(3 * time.Minute); n.Done < crashLanes*crashEvents; time.Sleep(20 * time.Millisecond) {
		var err error
		n, err = c.inbox.Counts(ctx)
		require.True(c, time.Now().Before(limit), "%+v %v", n, err)
	}
}

// start puts a new worker in the place of another, which it kills.
func (c *crash) start(i int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w := c.workers[i]; w != nil {
		w.cmd.Process.Kill()
		w.cmd.Wait()
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BE_A_WORKER="+c.source)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(c, err)
	require.NoError(c, cmd.Start())
	c.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(c, err)
	c.workers[i] = &worker{cmd, strings.TrimSpace(url)}
}

// send tries until a worker acknowledges.
func (c *crash) send(ctx context.Context, id string) {
	ev, err := kirim.ParseEvent([]byte(`{"id":"` + id + `","type":"test","data":{}}`))
	require.NoError(c, err)
	for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit) && ctx.Err() == nil; {
		c.mu.Lock()
		url := c.workers[rand.N(len(c.workers))].url
		c.mu.Unlock()
		r := receivertest.Kirim(c, signature.NewSecret(crashSecret), ev)
		r.RequestURI = ""
		r.URL.Scheme, r.URL.Host, _ = strings.Cut(url, "://")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			continue // killed
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return
		}
	}
	c.Errorf("nobody acknowledged %s", id)
}

// check reads the effects as the host would.
func (c *crash) check() {
	rows, err := c.db.QueryContext(c.Context(), `select id from effects order by n`)
	require.NoError(c, err)
	defer rows.Close()
	lanes := map[string][]string{}
	for rows.Next() {
		var id string
		require.NoError(c, rows.Scan(&id))
		lane := strings.Split(id, "_")[1]
		lanes[lane] = append(lanes[lane], id)
	}
	require.NoError(c, rows.Err())
	require.Len(c, lanes, crashLanes)
	for lane, ids := range lanes {
		var want []string
		for i := range crashEvents {
			want = append(want, fmt.Sprintf("evt_%s_%03d", lane, i))
		}
		require.Equal(c, want, ids, "effects of a lane, each once and in order")
	}
}
