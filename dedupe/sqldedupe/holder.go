package sqldedupe

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"
)

// holder is who has a key; for 0 if nobody does.
type holder struct {
	token string
	done  bool
	left  time.Duration
}

func (s *Store) held(ctx context.Context, key string) (holder, error) {
	var h holder
	var done, left int64
	err := s.look.row(ctx, key, &h.token, &done, &left)
	if errors.Is(err, sql.ErrNoRows) {
		return holder{}, nil
	}
	h.done, h.left = done != 0, time.Duration(min(left, math.MaxInt64/1000))*time.Microsecond
	return h, err
}

// rounds is how often a call looks again at a key that was let go of between its statements: each time somebody else
// was quicker, unless what is read is not what was written.
const rounds = 100

var errRestless = errors.New("the key changes hands faster than it can be read; is this a replica?")

// What MySQL would cut off without a word: an insert that ignores one error ignores all.
const (
	maxKey   = 512
	maxToken = 128
)

func check(ctx context.Context, key, token string) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case key == "" || len(key) > maxKey:
		return fmt.Errorf("a key of %d bytes; 1 to %d may be", len(key), maxKey)
	case token == "" || len(token) > maxToken:
		return fmt.Errorf("a token of %d bytes; 1 to %d may be", len(token), maxToken)
	}
	return nil
}

// micros rounds up to what the table counts in, and leaves room for the clock to be added.
func micros(d time.Duration) int64 { return int64((d-1)/time.Microsecond) + 1 }
