package redisdedupe_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
	"github.com/kirimhooks/kirimhooks/dedupe/redisdedupe"
	"github.com/kirimhooks/kirimhooks/internal/claimtest"
	"github.com/kirimhooks/kirimhooks/internal/redistest"
)

func TestStore(t *testing.T) {
	dedupetest.Run(t, func(t *testing.T) dedupetest.Subject { return open(t).subject() })
}

func TestStoreInRealTime(t *testing.T) {
	dedupetest.Run(t, func(t *testing.T) dedupetest.Subject { return dedupetest.Subject{Store: open(t).Store} })
}

// A process is suspended past its lease.
func TestTakenOverFromAnotherProcess(t *testing.T) {
	w := open(t)
	claimtest.Suspend(t, w.Store, childURL+"="+redistest.URL(t), childPrefix+"="+w.prefix)
}

// counter counts what is sent to the server.
type counter struct{ sent atomic.Int64 }

func (*counter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.sent.Add(1)
		return next(ctx, cmd)
	}
}

func TestACallIsOneRoundTrip(t *testing.T) {
	client := connect(t, redistest.Start(t).URL())
	w := over(t, client)
	calls := func() {
		_, _, err := w.Claim(t.Context(), "k", "holder", time.Minute)
		require.NoError(t, err)
		_, _, err = w.Claim(t.Context(), "k", "another", time.Minute)
		require.NoError(t, err)
		require.NoError(t, w.Release(t.Context(), "k", "another"))
		require.NoError(t, w.Commit(t.Context(), "k", "holder", time.Minute))
	}
	require.NoError(t, client.Ping(t.Context()).Err()) // greetings are not counted
	count := new(counter)
	client.AddHook(count)
	calls()
	require.EqualValues(t, 4+3, count.sent.Load(), "the server learns each of three scripts")
	calls()
	require.EqualValues(t, 2*4+3, count.sent.Load())
	require.NoError(t, client.ScriptFlush(t.Context()).Err())
	calls()
	require.EqualValues(t, 3*4+2*3+1, count.sent.Load(), "and again when it has forgotten them")
}

func TestWhatIsStored(t *testing.T) {
	w := open(t)
	key := w.prefix + "::evt_1"
	claimed := func(context.Context) error {
		value, err := w.client.Get(t.Context(), key).Result()
		require.NoError(t, err)
		require.Regexp(t, `^r[A-Z2-7]{26}$`, value)
		left := w.client.PTTL(t.Context(), key).Val()
		require.Positive(t, left)
		require.LessOrEqual(t, left, 30*time.Second)
		return nil
	}
	guard := dedupe.Guard{Store: w.Store, StoreTimeout: 10 * time.Second}
	require.NoError(t, guard.Do(t.Context(), "evt_1", claimed))
	value, err := w.client.Get(t.Context(), key).Result()
	require.NoError(t, err)
	require.Regexp(t, `^d[A-Z2-7]{26}$`, value)
	require.LessOrEqual(t, w.client.PTTL(t.Context(), key).Val(), 48*time.Hour)
}

func TestAClaimWithoutAnEndGetsOne(t *testing.T) {
	w := open(t)
	key := w.prefix + ":k"
	require.NoError(t, w.client.Set(t.Context(), key, "rholder", 0).Err())
	state, left, err := w.Claim(t.Context(), "k", "another", time.Minute)
	require.NoError(t, err)
	require.Equal(t, dedupe.Running, state)
	require.Equal(t, time.Minute, left)
	require.Positive(t, w.client.PTTL(t.Context(), key).Val())
}

func TestForeignKeysStay(t *testing.T) {
	w := open(t)
	require.NoError(t, w.client.Set(t.Context(), w.prefix+":text", "somebody's", 0).Err())
	require.NoError(t, w.client.LPush(t.Context(), w.prefix+":list", "somebody's").Err())
	for _, key := range []string{"text", "list"} {
		_, _, err := w.Claim(t.Context(), key, "holder", time.Minute)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "somebody")
		require.Error(t, w.Commit(t.Context(), key, "holder", time.Minute))
		require.Positive(t, w.client.Exists(t.Context(), w.prefix+":"+key).Val())
	}
}

func TestDurationsAreRoundedUp(t *testing.T) {
	w := open(t)
	for _, d := range []time.Duration{1, 1<<63 - 1} {
		key := d.String()
		state, _, err := w.Claim(t.Context(), key, "holder", d)
		require.NoError(t, err)
		require.Equal(t, dedupe.Claimed, state)
		if d > time.Minute {
			state, left, err := w.Claim(t.Context(), key, "another", d)
			require.NoError(t, err)
			require.Equal(t, dedupe.Running, state)
			require.Greater(t, left, d-time.Minute)
		}
		require.NoError(t, w.Commit(t.Context(), key, "holder", d))
	}
}

// A server that never answers holds nobody for longer than his context lasts.
func TestAServerThatHangs(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	client := redis.NewClient(&redis.Options{Addr: silent.Addr().String(), ReadTimeout: time.Hour, MaxRetries: -1})
	store, err := redisdedupe.New(client, redisdedupe.Config{})
	require.NoError(t, err)
	gone := errors.New("the sender has hung up")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		conn, err := silent.Accept()
		cancel(gone)
		if err == nil {
			<-t.Context().Done()
			conn.Close() // which ends what the client is at
		}
	}()
	_, _, err = store.Claim(ctx, "k", "holder", time.Minute)
	require.ErrorIs(t, err, gone)
	require.NoError(t, client.Close())
	require.NoError(t, silent.Close())
}

func TestNewRefuses(t *testing.T) {
	_, err := redisdedupe.New(nil, redisdedupe.Config{})
	require.ErrorContains(t, err, "no client")
	for _, prefix := range []string{"a:b", "{a}", "a\n", "ä", string(make([]byte, 76))} {
		_, err := redisdedupe.New(redis.NewClient(&redis.Options{}), redisdedupe.Config{Prefix: prefix})
		require.ErrorContains(t, err, "redisdedupe: Config.Prefix: ", "%q", prefix)
	}
}
