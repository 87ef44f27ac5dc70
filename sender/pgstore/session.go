package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What this package notes about a session, on the session itself.
const (
	noteMode   = "pgstore.mode"   // how statements go through it
	noteFailed = "pgstore.failed" // the SQLSTATE of the last call, if that failed
)

// maxTurned is how many sessions a call tries that turn out to be read-only.
const maxTurned = 3

// run gives f a session of the pool. One that is of no more use goes out of the pool, which then makes another.
func (s *Store) run(ctx context.Context, f func(*pgx.Conn) error) error {
	for turned := 0; ; turned++ {
		c, err := s.acquire(ctx)
		if err != nil {
			return err
		}
		err = onUTF8(ctx, c.Conn(), func() error { return f(c.Conn()) })
		if spoiled(c.Conn(), err) {
			drop(c.Conn())
		}
		c.Release()
		if !isReadOnly(err) || turned == maxTurned-1 {
			return err
		}
	}
}

// acquire takes a session that can write, as far as the server has said so. When it has dropped as many as there were,
// it takes what it gets.
func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	for left := s.pool.Stat().TotalConns(); ; left-- {
		c, err := s.pool.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		said := c.Conn().PgConn().ParameterStatus
		if left <= 0 || said("default_transaction_read_only") != "on" && said("in_hot_standby") != "on" {
			return c, nil
		}
		drop(c.Conn())
		c.Release()
	}
}

// spoiled reports whether a session should not be used again: it is read-only since a failover, or by somebody's SET,
// or it failed as it failed the last time.
func spoiled(c *pgx.Conn, err error) bool {
	notes := c.PgConn().CustomData()
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		delete(notes, noteFailed)
		return false
	}
	again := notes[noteFailed] == pe.Code
	notes[noteFailed] = pe.Code
	return isReadOnly(err) || again && !isContention(pe.Code)
}

// isReadOnly: the statement was not carried out, since the session cannot write.
func isReadOnly(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "25006"
}

// isContention: serialization failure, deadlock, lock not available.
func isContention(code string) bool { return code == "40001" || code == "40P01" || code == "55P03" }

// drop closes a session; a pool does not keep what is closed.
func drop(c *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c.Close(ctx)
}

// onUTF8 runs f while the session speaks UTF-8, as pgx does whatever was agreed.
func onUTF8(ctx context.Context, c *pgx.Conn, f func() error) error {
	encoding := c.PgConn().ParameterStatus("client_encoding")
	if encoding == "UTF8" || encoding == "" {
		return f()
	}
	if _, err := c.Exec(ctx, "set client_encoding to 'UTF8'"); err != nil {
		return err
	}
	err := f()
	if _, back := c.Exec(ctx, "set client_encoding to '"+encoding+"'"); back != nil && err == nil {
		drop(c) // the call is done, whatever became of the session
	}
	return err
}
