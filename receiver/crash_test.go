package receiver_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/receiver"
)

const victim = "RECEIVER_TEST_VICTIM" // names where the process shall be killed

func TestMain(m *testing.M) {
	if at := os.Getenv(victim); at != "" {
		sufferAt(at)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// files is a dedupe store that outlives its process: a file for each key. One process uses it at a time.
type files struct {
	dir   string
	ahead time.Duration // of the real time
	mu    sync.Mutex
}

type claimFile struct {
	Token string
	Until time.Time
	Done  bool
}

func (f *files) change(ctx context.Context, key string, edit func(c *claimFile, now time.Time) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	path, now := filepath.Join(f.dir, hex.EncodeToString([]byte(key))), time.Now().Add(f.ahead)
	var c claimFile
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(text, &c); err != nil {
			return err
		}
	}
	if now.After(c.Until) {
		c = claimFile{}
	}
	if err := edit(&c, now); err != nil {
		return err
	}
	if text, err = json.Marshal(c); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (f *files) Claim(
	ctx context.Context, key, token string, lease time.Duration,
) (s dedupe.State, left time.Duration, err error) {
	err = f.change(ctx, key, func(c *claimFile, now time.Time) error {
		switch {
		case c.Done:
			s = dedupe.Done
		case c.Token != "" && c.Token != token:
			s, left = dedupe.Running, c.Until.Sub(now)
		default:
			*c = claimFile{Token: token, Until: now.Add(lease)}
		}
		return nil
	})
	return s, left, err
}

func (f *files) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	return f.change(ctx, key, func(c *claimFile, now time.Time) error {
		if c.Token != "" && c.Token != token {
			return dedupe.ErrLeaseLost
		}
		*c = claimFile{Token: token, Until: now.Add(ttl), Done: true}
		return nil
	})
}

func (f *files) Release(ctx context.Context, key, token string) error {
	return f.change(ctx, key, func(c *claimFile, _ time.Time) error {
		if c.Token == token && !c.Done {
			*c = claimFile{}
		}
		return nil
	})
}

// The places where a process may die. Each blocks there for ever, and says so.
func sufferAt(place string) {
	die := func(at string) {
		if at == place {
			fmt.Println(at)
			select {}
		}
	}
	next := receiver.HandlerFunc(func(context.Context, *receiver.Event) error { die("in the handler"); return nil })
	store := &dying{files: &files{dir: os.Getenv(victim + "_DIR")}, die: die}
	h, err := receiver.Handler(next, receiver.Config{
		Dialects: []receiver.Dialect{receiver.Kirim(keys(kirimSecret))},
		Dedupe:   &dedupe.Guard{Store: store, StoreTimeout: time.Hour},
	})
	if err != nil {
		panic(err)
	}
	h.ServeHTTP(answering{httptest.NewRecorder(), die}, kirimPost(nativeBody))
}

type dying struct {
	*files
	die func(string)
}

func (d *dying) Commit(ctx context.Context, key, token string, ttl time.Duration) error {
	d.die("before the commit")
	return d.files.Commit(ctx, key, token, ttl)
}

type answering struct {
	*httptest.ResponseRecorder
	die func(string)
}

func (a answering) WriteHeader(status int) {
	a.die("before the answer")
	a.ResponseRecorder.WriteHeader(status)
}

var _ http.ResponseWriter = answering{}

// A process is killed while it handles an event. Until its lease ends nobody else gets a 2xx or runs the event; then
// the next attempt does, unless it had been committed.
func TestKilledProcess(t *testing.T) {
	for place, runs := range map[string]int{"in the handler": 1, "before the commit": 1, "before the answer": 0} {
		t.Run(place, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), victim+"="+place, victim+"_DIR="+dir)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			line, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, place+"\n", line)
			require.NoError(t, cmd.Process.Kill())
			require.Error(t, cmd.Wait())

			store := &files{dir: dir}
			k := newRig(t, nil, func(c *receiver.Config) { c.Dedupe = &dedupe.Guard{Store: store, Wait: 1} })
			if runs > 0 {
				require.Equal(t, 503, k.serve(kirimPost(nativeBody)).Code, "the dead still holds it")
				require.Zero(t, k.runs())
				store.ahead = time.Minute
			}
			for range 3 {
				require.Equal(t, 200, k.serve(kirimPost(nativeBody)).Code)
				require.Equal(t, runs, k.runs())
			}
		})
	}
}
