package sqlinbox_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox/inboxtest"
)

func TestConformance(t *testing.T) {
	for name, open := range sources {
		t.Run(name, func(t *testing.T) {
			inboxtest.Run(t, func(t *testing.T) inboxtest.Subject {
				s := open(t)
				return inboxtest.Subject{DB: s.open(t), Flavor: s.flavor}
			})
		})
	}
}

// Many give SQLite a pool of one connection, so that nobody is locked out.
func TestConformanceOnOneConnection(t *testing.T) {
	inboxtest.Run(t, func(t *testing.T) inboxtest.Subject {
		s := sqliteIn(lingering(t))
		db := s.open(t)
		db.SetMaxOpenConns(1)
		return inboxtest.Subject{DB: db, Flavor: s.flavor}
	})
}

// lingering is a directory for a pool that may still open a connection when it is closed, for a caller who has left.
func lingering(t *testing.T) string {
	dir, err := os.MkdirTemp("", "sqlinbox") //nolint:usetesting // TempDir removes it once
	require.NoError(t, err)
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return os.RemoveAll(dir) == nil }, time.Minute, time.Millisecond)
	})
	return dir
}
