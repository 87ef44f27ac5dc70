package pgstore

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	idle     = "60 seconds"     // how long a process counts as asleep after a claim that found too little
	markEach = 20 * time.Second // and how often it says so at most
)

// listener is the connection on which wake-ups come. It stays open between two calls of Wait, so that what comes
// meanwhile is not lost; no goroutine minds it.
type listener struct {
	turn chan struct{} // held by the one Wait that reads

	conn *pgx.Conn // the reader's; nil: not listening

	mu      sync.Mutex
	heard   chan struct{} // closed at a wake-up; then there is a new one
	waiting int
	on      bool
	marked  time.Time // when the database was last told that this process sleeps
}

func (l *listener) init() {
	l.turn, l.heard = make(chan struct{}, 1), make(chan struct{})
}

// sleeper is what a claim that finds too little writes down: the worker, or 0 if nobody listens or it is written
// already.
func (l *listener) sleeper(worker int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.on || time.Since(l.marked) < markEach {
		return 0
	}
	return worker
}

func (l *listener) slept(worker int64) {
	if worker == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.marked = time.Now()
}

// ring wakes everybody who waits.
func (l *listener) ring() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.heard)
	l.heard = make(chan struct{})
}

// Wait implements [driver.Waiter] with LISTEN. The first call, and one after a lost connection, returns at once, since
// what came before is not known. It takes a connection out of the pool and keeps it until a Wait is cancelled and no
// other waits. Publishers notify only while some process sleeps, as Claim tells the database at most every 20 s; so a
// wake-up can be missed at the moment of falling asleep, and polling stays the truth.
func (s *Store) Wait(ctx context.Context) (err error) {
	defer wrap(&err, "wait")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	l := &s.listener
	l.mu.Lock()
	l.waiting++
	heard := l.heard
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.waiting--
		l.mu.Unlock()
	}()
	select {
	case <-heard:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case l.turn <- struct{}{}:
	}
	defer func() { <-l.turn }()
	select {
	case <-heard: // by the reader before
		return nil
	default:
	}
	return s.read(ctx)
}

// read waits for one wake-up. The caller has the turn.
func (s *Store) read(ctx context.Context) error {
	l := &s.listener
	if l.conn == nil {
		if err := s.listen(ctx); err != nil {
			return err
		}
		l.ring()
		return nil
	}
	_, err := l.conn.WaitForNotification(ctx)
	if err == nil {
		l.ring()
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
		_, err = conn.Exec(ctx, s.sql.in(`insert into {schema}.workers (id, idle, name) values ($1, now() + $2::text::interval, '')
			on conflict (id) do update set idle = excluded.idle`), pgx.QueryExecModeExec, s.worker, idle)
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
