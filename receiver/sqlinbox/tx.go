package sqlinbox

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
)

// Tx returns the transaction in which the running event will be marked as handled: what the handler writes in it is
// there if the mark is, so that a crash, a lost lease or a run that overlaps another cannot double the effect, and the
// event comes again until it is there.
//
// It begins with the first call, at READ COMMITTED, so do slow work before. The inbox commits it when the handler
// returns nil, and rolls it back on an error, a panic or the end of ctx; the handler does neither. Where it cannot
// begin, its first use returns the error. It must not be used when the handler has returned. In SQLite nobody else
// writes meanwhile, not even events that arrive, and the handler must not call the inbox.
//
// Tx panics where ctx is not that of a handler which an inbox runs.
func Tx(ctx context.Context) *sql.Tx {
	s, ok := ctx.Value(scopeKey{}).(*scope)
	if !ok {
		panic("sqlinbox: Tx: this context is not of a handler that an inbox runs")
	}
	return s.begin()
}

type scopeKey struct{}

// scope is one run of a handler, with its transaction.
type scope struct {
	db   *database
	ctx  context.Context // the handler's
	turn atomic.Bool     // the writer's turn is ours

	mu     sync.Mutex // held while the turn is waited for
	tx     *sql.Tx    // nil until it is asked for
	failed *sql.DB    // what tx is of, if it could not begin
	over   bool
}

// withScope returns the context for a handler.
func (d *database) withScope(ctx context.Context) (context.Context, *scope) {
	s := &scope{db: d}
	s.ctx = context.WithValue(ctx, scopeKey{}, s)
	return s.ctx, s
}

// overTx is what a handler gets that has returned.
var overTx = sync.OnceValue(func() *sql.Tx {
	_, tx := failedTx(errors.New("sqlinbox: the handler has returned, and its transaction with it"))
	return tx
})

func (s *scope) begin() *sql.Tx {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return overTx()
	}
	if s.tx != nil {
		return s.tx
	}
	tx, err := s.take()
	if err != nil {
		s.giveTurn()
		s.failed, tx = failedTx(err)
	}
	s.tx = tx
	return tx
}

func (s *scope) take() (*sql.Tx, error) {
	if s.db.grouped {
		select {
		case s.db.turn <- struct{}{}:
			s.turn.Store(true)
		case <-s.ctx.Done():
			return nil, context.Cause(s.ctx)
		}
	}
	return s.db.begin(s.ctx)
}

func (s *scope) giveTurn() {
	if s.turn.CompareAndSwap(true, false) {
		<-s.db.turn
	}
}

// writes tells whether the transaction keeps all others from writing, and so from taking the event.
func (s *scope) writes() bool { return s.turn.Load() }

// end ends the handler's use of the transaction and returns it, nil if there is none.
func (s *scope) end() *sql.Tx {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	return s.tx
}

// close rolls back what was not committed.
func (s *scope) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tx != nil {
		_ = s.tx.Rollback() // after Commit it does nothing
	}
	s.giveTurn()
	if s.failed != nil {
		_ = s.failed.Close()
	}
}
