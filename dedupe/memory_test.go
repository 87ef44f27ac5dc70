package dedupe_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
)

func TestMemory(t *testing.T) {
	for name, run := range dedupetest.Cases() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run(t, dedupetest.Subject{Store: dedupe.NewMemory(0), Advance: time.Sleep})
			})
		})
	}
}

func expect(t testing.TB, m dedupe.Store, want dedupe.State, key, token string, lease time.Duration) {
	t.Helper()
	state, _, err := m.Claim(context.Background(), key, token, lease)
	require.NoError(t, err)
	require.Equal(t, want, state, "key %s: %v", key, state)
}

func finish(t testing.TB, m dedupe.Store, key string, ttl time.Duration) {
	t.Helper()
	expect(t, m, dedupe.Claimed, key, "token of "+key, time.Hour)
	require.NoError(t, m.Commit(context.Background(), key, "token of "+key, ttl))
}

func TestMemoryForgetsAtTheEndOfTheTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := dedupe.NewMemory(0)
		finish(t, m, "a", time.Hour)
		time.Sleep(time.Hour - 1)
		expect(t, m, dedupe.Done, "a", "b", time.Hour)
		time.Sleep(time.Nanosecond)
		expect(t, m, dedupe.Claimed, "a", "b", time.Hour)
	})
}

func TestMemoryEvictsTheOldestDone(t *testing.T) {
	m := dedupe.NewMemory(3)
	expect(t, m, dedupe.Claimed, "running", "r", time.Hour)
	finish(t, m, "first", time.Hour)
	finish(t, m, "second", time.Hour)
	finish(t, m, "third", time.Hour)
	expect(t, m, dedupe.Running, "running", "x", time.Hour)
	expect(t, m, dedupe.Done, "second", "x", time.Hour)
	expect(t, m, dedupe.Done, "third", "x", time.Hour)
	expect(t, m, dedupe.Claimed, "first", "x", time.Hour) // evicts the second
	expect(t, m, dedupe.Done, "third", "x", time.Hour)
	expect(t, m, dedupe.Claimed, "second", "x", time.Hour)
}

// A sender that tries for a week and one that tries for a day share a memory: what has ended makes room first, and then
// what would end next.
func TestMemoryEvictsWhatEndsNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 300
		ctx, m := context.Background(), dedupe.NewMemory(keys)
		random := rand.New(rand.NewPCG(1, 2))
		evicted, ends := 0, map[string]time.Time{} // of what must be remembered
		for i := range 20 * keys {
			time.Sleep(time.Second)
			for key, at := range ends {
				if !time.Now().Before(at) {
					delete(ends, key)
				}
			}
			key, ttl := strconv.Itoa(i), time.Duration(1+random.IntN(4*keys))*time.Second+time.Duration(i) // no two end together
			finish(t, m, key, ttl)
			ends[key] = time.Now().Add(ttl)
			if len(ends) > keys {
				evicted++
				delete(ends, soonest(ends, key))
			}
			// a commit whose answer was lost
			if again := strconv.Itoa(i - random.IntN(3)); i > 3 && ends[again].After(time.Now()) {
				ttl += 20 * keys
				require.NoError(t, m.Commit(ctx, again, "token of "+again, ttl))
				ends[again] = time.Now().Add(ttl)
			}
			if i%50 == 0 {
				for key := range ends {
					expect(t, m, dedupe.Done, key, "x", time.Hour)
				}
			}
		}
		require.NotZero(t, evicted)
	})
}

// soonest returns the key that ends first, other than the one that came last.
func soonest(ends map[string]time.Time, last string) (first string) {
	for key, at := range ends {
		if key != last && (first == "" || at.Before(ends[first])) {
			first = key
		}
	}
	return first
}

func TestMemoryFullOfRunningClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		m := dedupe.NewMemory(3)
		expect(t, m, dedupe.Claimed, "a", "t", 3*time.Hour)
		expect(t, m, dedupe.Claimed, "b", "t", time.Hour) // the next to end is not the next in line
		expect(t, m, dedupe.Claimed, "c", "t", 2*time.Hour)
		full := func() {
			t.Helper()
			_, _, err := m.Claim(ctx, "one more", "t", time.Hour)
			require.ErrorIs(t, err, dedupe.ErrFull)
			require.ErrorIs(t, m.Commit(ctx, "one more", "t", time.Hour), dedupe.ErrFull)
		}
		full()
		expect(t, m, dedupe.Claimed, "b", "t", time.Hour) // a renewal needs no room
		time.Sleep(time.Hour - 1)
		full()
		time.Sleep(time.Nanosecond)
		expect(t, m, dedupe.Claimed, "d", "t", time.Hour)
		full()
		time.Sleep(time.Hour)
		require.NoError(t, m.Commit(ctx, "e", "t", time.Hour))
		expect(t, m, dedupe.Running, "a", "x", time.Hour)
		expect(t, m, dedupe.Done, "e", "x", time.Hour)
	})
}

// The shortest lease counts, also of a claim that came when others had been found to run for long.
func TestMemoryFullOfLongClaimsAndAShortOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, m := context.Background(), dedupe.NewMemory(2)
		expect(t, m, dedupe.Claimed, "a", "t", 3*time.Hour)
		expect(t, m, dedupe.Claimed, "b", "t", 3*time.Hour)
		_, _, err := m.Claim(ctx, "c", "t", time.Hour)
		require.ErrorIs(t, err, dedupe.ErrFull)
		require.NoError(t, m.Release(ctx, "b", "t"))
		expect(t, m, dedupe.Claimed, "c", "t", time.Minute)
		time.Sleep(time.Minute)
		expect(t, m, dedupe.Claimed, "d", "t", time.Hour)
	})
}

func TestMemoryReleaseMakesRoom(t *testing.T) {
	m := dedupe.NewMemory(1)
	for i := range 1000 {
		key := strconv.Itoa(i)
		expect(t, m, dedupe.Claimed, key, "t", time.Hour)
		require.NoError(t, m.Release(context.Background(), key, "t"))
	}
}

func TestMemoryLongestTimes(t *testing.T) {
	m := dedupe.NewMemory(0)
	expect(t, m, dedupe.Claimed, "a", "t", math.MaxInt64)
	expect(t, m, dedupe.Running, "a", "x", math.MaxInt64)
	require.NoError(t, m.Commit(context.Background(), "a", "t", math.MaxInt64))
	expect(t, m, dedupe.Done, "a", "x", 1)
}

func TestMemoryIsBounded(t *testing.T) {
	const maxKeys, keys = 20_000, 300_000
	before := heap()
	m := dedupe.NewMemory(maxKeys)
	expect(t, m, dedupe.Claimed, "running", "r", time.Hour)
	ctx := context.Background()
	for i := range keys {
		key := strconv.Itoa(i)
		_, _, _ = m.Claim(ctx, key, key, time.Hour)
		_ = m.Commit(ctx, key, key, time.Hour)
	}
	grown := heap() - before
	expect(t, m, dedupe.Running, "running", "x", time.Hour)
	expect(t, m, dedupe.Done, strconv.Itoa(keys-maxKeys+1), "x", time.Hour)
	expect(t, m, dedupe.Claimed, strconv.Itoa(keys-maxKeys-1), "x", time.Hour)
	require.Less(t, grown/maxKeys, int64(200), "bytes per key")
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// The model is a map that expires by looking; the Memory must agree with it on every answer while it is not full.
func FuzzMemory(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251})
	seed := make([]byte, 4000)
	for i, r := 0, rand.New(rand.NewPCG(1, 2)); i < len(seed); i++ {
		seed[i] = byte(r.Uint32())
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, ops []byte) {
		synctest.Test(t, func(t *testing.T) { checkModel(t, ops) })
	})
}

func checkModel(t *testing.T, ops []byte) {
	type entry struct {
		token string
		done  bool
		ends  time.Time
	}
	ctx, m, model := context.Background(), dedupe.NewMemory(8), map[string]entry{}
	for i := 0; i+1 < len(ops); i += 2 {
		key, token, lasts := fmt.Sprint(ops[i]%8), fmt.Sprint(ops[i]/8%4), time.Duration(ops[i+1]%16+1)*time.Second
		e, held := model[key]
		if held && !time.Now().Before(e.ends) {
			delete(model, key)
			e, held = entry{}, false
		}
		mine := held && e.token == token
		switch ops[i] / 32 % 4 {
		case 0:
			state, left, err := m.Claim(ctx, key, token, lasts)
			require.NoError(t, err)
			switch {
			case held && e.done:
				require.Equal(t, dedupe.Done, state)
			case held && !mine:
				require.Equal(t, dedupe.Running, state)
				require.Equal(t, time.Until(e.ends), left)
			default:
				require.Equal(t, dedupe.Claimed, state)
				model[key] = entry{token, false, time.Now().Add(lasts)}
			}
		case 1:
			err := m.Commit(ctx, key, token, lasts)
			if held && !mine {
				require.ErrorIs(t, err, dedupe.ErrLeaseLost)
			} else {
				require.NoError(t, err)
				model[key] = entry{token, true, time.Now().Add(lasts)}
			}
		case 2:
			require.NoError(t, m.Release(ctx, key, token))
			if mine && !e.done {
				delete(model, key)
			}
		case 3:
			time.Sleep(lasts / 2)
		}
	}
}
