package dedupetest_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
)

type fault struct {
	failing string // the case that must find it
	name    string
	plant   func(f *flawed)
}

// again makes the store answer Claimed where it answered Running, after a while and every n-th time.
func again(after time.Duration, n int) func(f *flawed) {
	return func(f *flawed) {
		start := time.Now()
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			s, left, err := f.Memory.Claim(ctx, key, token, lease)
			if f.calls++; s == dedupe.Running && f.calls%n == 0 && time.Since(start) >= after {
				return dedupe.Claimed, 0, nil
			}
			return s, left, err
		}
	}
}

func endless(f *flawed) {
	f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
		return f.Memory.Claim(ctx, key, token, 1000*lease)
	}
}

func rekeyed(rewrite func(key string) string) func(f *flawed) {
	return func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			return f.Memory.Claim(ctx, rewrite(key), token, lease)
		}
		f.commit = func(ctx context.Context, key, token string, ttl time.Duration) error {
			return f.Memory.Commit(ctx, rewrite(key), token, ttl)
		}
		f.release = func(ctx context.Context, key, token string) error { return f.Memory.Release(ctx, rewrite(key), token) }
	}
}

var faults = []fault{
	{"ClaimIsExclusive", "two winners", again(0, 7)},
	{"ClaimIsExclusive", "who asks last holds the key", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			_ = f.Memory.Release(ctx, key, f.books[key])
			f.books[key] = token
			return f.Memory.Claim(ctx, key, token, lease)
		}
	}},
	{"ClaimIsExclusiveAfterTheLease", "two winners of a key that has lapsed", again(20*time.Second, 7)},
	{"HoldersNeverOverlap", "a claim given away now and then", again(0, 20)},
	{"LeaseEnds", "leases that never end", endless},
	{"LeftIsTrue", "left is not told", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			s, _, err := f.Memory.Claim(ctx, key, token, lease)
			return s, 0, err
		}
	}},
	{"LeftIsTrue", "left is the lease of the asker", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			s, left, err := f.Memory.Claim(ctx, key, token, lease)
			if s == dedupe.Running {
				left = lease
			}
			return s, left, err
		}
	}},
	{"LeftIsTrue", "left does not shrink", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			s, left, err := f.Memory.Claim(ctx, key, token, lease)
			if s == dedupe.Running {
				left = time.Minute
			}
			return s, left, err
		}
	}},
	{"RenewalStartsTheLeaseAnew", "a renewal that does nothing", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			if f.books[key] == token {
				return dedupe.Claimed, 0, nil
			}
			f.books[key] = token
			return f.Memory.Claim(ctx, key, token, lease)
		}
	}},
	{"RenewalStartsTheLeaseAnew", "no renewal", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			if f.books[key+token] != "" {
				return dedupe.Running, lease, nil
			}
			f.books[key+token] = "known"
			return f.Memory.Claim(ctx, key, token, lease)
		}
	}},
	{"RenewalAfterLossIsRefused", "who held the key once holds it for ever", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			s, left, err := f.Memory.Claim(ctx, key, token, lease)
			if f.books[token] != "" {
				return dedupe.Claimed, 0, nil
			}
			if s == dedupe.Claimed {
				f.books[token] = "held"
			}
			return s, left, err
		}
	}},
	{"CommitIsSeenByAll", "a commit that does nothing", func(f *flawed) {
		f.commit = func(context.Context, string, string, time.Duration) error { return nil }
	}},
	{"CommitIsSeenByAll", "the committer may claim again", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			if f.books[key] == "" {
				f.books[key] = token
			}
			s, left, err := f.Memory.Claim(ctx, key, token, lease)
			if f.books[key] == token {
				s = dedupe.Claimed
			}
			return s, left, err
		}
	}},
	{"CommitIsSeenByAll", "a commit that lasts as long as the lease", func(f *flawed) {
		f.commit = func(ctx context.Context, key, token string, _ time.Duration) error {
			return f.Memory.Commit(ctx, key, token, 30*time.Second)
		}
	}},
	{"CommitLastsItsTTL", "half the ttl", func(f *flawed) {
		f.commit = func(ctx context.Context, key, token string, ttl time.Duration) error {
			return f.Memory.Commit(ctx, key, token, ttl/2)
		}
	}},
	{"DoneKeysAreFreeAfterTheirTTL", "a done key has no end", func(f *flawed) {
		f.commit = func(ctx context.Context, key, token string, _ time.Duration) error {
			return f.Memory.Commit(ctx, key, token, math.MaxInt64)
		}
	}},
	{"CommitByAStaleTokenIsRefused", "anyone may commit", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			s, left, err := f.Memory.Claim(ctx, key, token, lease)
			if s == dedupe.Claimed {
				f.books[key] = token
			}
			return s, left, err
		}
		f.commit = func(ctx context.Context, key, _ string, ttl time.Duration) error {
			return f.Memory.Commit(ctx, key, f.books[key], ttl)
		}
	}},
	{"CommitByAStaleTokenIsRefused", "the refusal is not told", func(f *flawed) {
		f.commit = func(ctx context.Context, key, token string, ttl time.Duration) error {
			_ = f.Memory.Commit(ctx, key, token, ttl)
			return nil
		}
	}},
	{"CommitAfterTheLeaseCounts", "a commit needs a running lease", func(f *flawed) {
		f.commit = func(ctx context.Context, key, token string, ttl time.Duration) error {
			if s, _, _ := f.Memory.Claim(ctx, key, "witness", 1); s == dedupe.Claimed {
				return errLost
			}
			return f.Memory.Commit(ctx, key, token, ttl)
		}
	}},
	{"CommitMayBeRepeated", "the second commit finds no claim", func(f *flawed) {
		f.commit = func(ctx context.Context, key, token string, ttl time.Duration) error {
			if f.books[key] != "" {
				return errLost
			}
			f.books[key] = token
			return f.Memory.Commit(ctx, key, token, ttl)
		}
	}},
	{"CommitAndClaimAreAtomic", "commit looks first and writes later", func(f *flawed) {
		f.commit = func(ctx context.Context, key, token string, ttl time.Duration) error {
			f.mu.Unlock()
			time.Sleep(time.Millisecond) // the claimers come in between
			f.mu.Lock()
			_ = f.Memory.Commit(ctx, key, token, ttl)
			return nil
		}
	}},
	{"ReleaseFrees", "a release that does nothing", func(f *flawed) {
		f.release = func(context.Context, string, string) error { return nil }
	}},
	{"ReleaseByAnotherChangesNothing", "anyone may release", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			s, left, err := f.Memory.Claim(ctx, key, token, lease)
			if s == dedupe.Claimed {
				f.books[key] = token
			}
			return s, left, err
		}
		f.release = func(ctx context.Context, key, _ string) error { return f.Memory.Release(ctx, key, f.books[key]) }
	}},
	{"ReleaseAfterCommitChangesNothing", "a release frees a done key", func(f *flawed) {
		f.release = func(_ context.Context, key, _ string) error { f.books[key] = "freed"; return nil }
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			return f.Memory.Claim(ctx, key+f.books[key], token, lease)
		}
	}},
	{"ReleaseOfAFreeKeyIsFine", "a release of nothing is an error", func(f *flawed) {
		f.release = func(ctx context.Context, key, token string) error {
			if s, _, _ := f.Memory.Claim(ctx, key, "witness", 1); s == dedupe.Claimed {
				return errors.New("flawed: no such key")
			}
			return f.Memory.Release(ctx, key, token)
		}
	}},
	{"EndedContextChangesNothing", "claim ignores the context", func(f *flawed) {
		f.claim = func(ctx context.Context, key, token string, lease time.Duration) (dedupe.State, time.Duration, error) {
			return f.Memory.Claim(context.WithoutCancel(ctx), key, token, lease)
		}
	}},
	{"EndedContextChangesNothing", "commit ignores the context", func(f *flawed) {
		f.commit = func(ctx context.Context, key, token string, ttl time.Duration) error {
			return f.Memory.Commit(context.WithoutCancel(ctx), key, token, ttl)
		}
	}},
	{"EndedContextChangesNothing", "release ignores the context", func(f *flawed) {
		f.release = func(ctx context.Context, key, token string) error {
			return f.Memory.Release(context.WithoutCancel(ctx), key, token)
		}
	}},
	{"KeysAreIndependent", "case is folded", rekeyed(strings.ToLower)},
	{"KeysAreIndependent", "blanks are trimmed", rekeyed(func(key string) string { return strings.TrimRight(key, " ") })},
	{"KeysAreIndependent", "long keys are cut", rekeyed(func(key string) string { return key[:min(len(key), 330)] })},
	{"KeysAreIndependent", "quotes are dropped",
		rekeyed(func(key string) string { return strings.ReplaceAll(key, "'", "") })},
}
