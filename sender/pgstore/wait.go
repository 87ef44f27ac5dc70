package pgstore

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	asleep   = "60 seconds"     // how long a process counts as asleep after a claim that found too little
	markEach = 20 * time.Second // and how often it says so at most
)

// listener is the connection on which wake-ups come. It stays open between two calls of Wait, so that what comes
// meanwhile is not lost; no goroutine minds it.
type listener struct {
	reading chan struct{} // held by the one Wait that reads

	conn *pgx.Conn // the reader's; nil: not listening

	mu      sync.Mutex
	heard   chan struct{} // closed at a wake-up; then there is a new one
	waiting int
	on      bool
	marked  time.Time // when the database was last told that this process sleeps
}

func (l *listener) init() {
	l.reading, l.heard = make(chan struct{}, 1), make(chan struct{})
}

// sleeper is what a claim that finds too little writes down: the process, or 0 if nobody listens or it is written
// already.
func (l *listener) sleeper(process int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.on || time.Since(l.marked) < markEach {
		return 0
	}
	return process
}

func (l *listener) slept(sleeper int64) {
	if sleeper == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.marked = time.Now()
}

// wake wakes everybody who waits.
func (l *listener) wake() {
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
	case l.reading <- struct{}{}:
	}
	defer func() { <-l.reading }()
	select {
	case <-heard: // by the reader before
		return nil
	default:
	}
	return s.read(ctx)
}
