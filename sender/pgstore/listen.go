package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// read waits for one wake-up. The caller holds reading.
func (s *Store) read(ctx context.Context) error {
	l := &s.listener
	if l.conn == nil {
		if err := s.listen(ctx); err != nil {
			return err
		}
		l.wake()
		return nil
	}
	_, err := l.conn.WaitForNotification(ctx)
	if err == nil {
		l.wake()
		return nil
	}
	l.mu.Lock()
	last := l.waiting == 1
	l.mu.Unlock()
	if l.conn.IsClosed() || ctx.Err() == nil || last && errors.Is(ctx.Err(), context.Canceled) {
		s.hangUp()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (s *Store) listen(ctx context.Context) error {
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	s.listener.conn = conn
	_, err = conn.Exec(ctx, "listen "+pgx.Identifier{s.cfg.Schema}.Sanitize())
	if err == nil {
		_, err = conn.Exec(ctx, s.sql.in(`insert into {schema}.processes (id, asleep_until, name)
			values ($1, now() + $2::text::interval, '')
			on conflict (id) do update set asleep_until = excluded.asleep_until`),
			pgx.QueryExecModeExec, s.process, asleep)
	}
	if err != nil {
		s.hangUp()
		return err
	}
	s.listener.mu.Lock()
	s.listener.on, s.listener.marked = true, time.Time{} // the first claim that finds too little says so anew
	s.listener.mu.Unlock()
	return nil
}

func (s *Store) dial(ctx context.Context) (*pgx.Conn, error) {
	if s.cfg.Listen != nil {
		return pgx.ConnectConfig(ctx, s.cfg.Listen)
	}
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return c.Hijack(), nil // not acquired for good: the pool could then never be closed
}

func (s *Store) hangUp() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.listener.conn.Close(ctx)
	s.listener.conn = nil
	s.listener.mu.Lock()
	s.listener.on = false
	s.listener.mu.Unlock()
}
