package redisdedupe_test

import (
	"context"
	"crypto/rand"
	"os"
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

// Where the other process of claimtest.Suspend finds the store.
const (
	childURL    = "KIRIMHOOKS_TEST_URL"
	childPrefix = "KIRIMHOOKS_TEST_PREFIX"
)

func TestMain(m *testing.M) {
	claimtest.Main(func() (dedupe.Store, error) {
		options, err := redis.ParseURL(os.Getenv(childURL))
		if err != nil {
			return nil, err
		}
		return redisdedupe.New(redis.NewClient(options), redisdedupe.Config{Prefix: os.Getenv(childPrefix)})
	})
	os.Exit(m.Run())
}

const (
	lease    = 500 * time.Millisecond // one that a test waits for
	patience = time.Minute            // of a guard on a busy machine
)

// world is a store with a prefix of its own, whose keys are gone when t ends.
type world struct {
	testing.TB
	*redisdedupe.Store
	client redis.UniversalClient
	prefix string
}

// open uses the server that all tests share.
func open(t testing.TB) *world {
	t.Helper()
	return over(t, connect(t, redistest.URL(t)))
}

func connect(t testing.TB, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	client := redis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	return client
}

func over(t testing.TB, client redis.UniversalClient) *world {
	t.Helper()
	w := &world{TB: t, client: client, prefix: "test-" + rand.Text()}
	var err error
	w.Store, err = redisdedupe.New(client, redisdedupe.Config{Prefix: w.prefix})
	require.NoError(t, err)
	t.Cleanup(w.forget)
	return w
}

// forget deletes all keys.
func (w *world) forget() {
	w.each(func(ctx context.Context, key string) { require.NoError(w, w.client.Del(ctx, key).Err()) })
}

// advance moves the clock on, as far as the keys can tell: each ends so much sooner. One without an end keeps none.
func (w *world) advance(d time.Duration) {
	w.each(func(ctx context.Context, key string) {
		left, err := w.client.PTTL(ctx, key).Result()
		require.NoError(w, err)
		if left > 0 {
			require.NoError(w, w.client.PExpire(ctx, key, left-d).Err())
		}
	})
}

func (w *world) each(visit func(ctx context.Context, key string)) {
	w.Helper()
	ctx := context.Background()
	on := func(ctx context.Context, node *redis.Client) error {
		keys := node.Scan(ctx, 0, w.prefix+":*", 10_000).Iterator()
		for keys.Next(ctx) {
			visit(ctx, keys.Val())
		}
		return keys.Err()
	}
	if cluster, ok := w.client.(*redis.ClusterClient); ok {
		require.NoError(w, cluster.ForEachMaster(ctx, on))
		return
	}
	require.NoError(w, on(ctx, w.client.(*redis.Client)))
}

func (w *world) subject() dedupetest.Subject {
	return dedupetest.Subject{Store: w.Store, Advance: w.advance}
}
