package sqltracker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// patience bounds the waiting for other writers where the context has no end.
const patience = 10 * time.Second

// untilFree repeats what others were in the way of, and what therefore changed nothing.
func untilFree(ctx context.Context, run func() error) error {
	limit := time.Now().Add(patience)
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		err := run()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case !inTheWay(err) || time.Now().After(limit):
			return err
		}
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// inTheWay reports a file that another process writes (SQLite), a deadlock, or a statement that its isolation level let
// come too late. MySQL's and SQLite's drivers have error types of their own, so that their texts are read.
func inTheWay(err error) bool {
	var postgres interface{ SQLState() string }
	if errors.As(err, &postgres) {
		state := postgres.SQLState()
		return state == "40001" || state == "40P01"
	}
	text := err.Error()
	return strings.Contains(text, "SQLITE_BUSY") || strings.Contains(text, "database is locked") ||
		strings.HasPrefix(text, "Error 1213 ")
}
