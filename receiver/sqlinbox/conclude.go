package sqlinbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// conclude writes what came of a run.
func (r *runner) conclude(j *job, failure error, took time.Duration) {
	tx := j.scope.end()
	defer j.scope.close()
	r.mu.Lock()
	j.settling = true
	r.mu.Unlock()
	o := Outcome{ID: j.seq, Lane: j.lane, State: Done, Took: took}
	if failure == nil {
		failure = r.commit(j, tx)
	}
	if failure != nil {
		j.scope.close() // before others may run it
		o.Err = failure
		r.fail(j, &o)
	}
	r.report(j, o)
}

// commit marks the event as handled: with the effect, if the handler used its transaction.
func (r *runner) commit(j *job, tx *sql.Tx) error {
	v := values{"seq": j.seq, "token": j.token, "stage": ended(Done, j.lane)}
	if tx == nil {
		return r.settle(j, sqlEnd, v)
	}
	n, err := r.db.exec(j.ctx, tx, sqlEnd, v)
	switch {
	case errors.Is(err, sql.ErrTxDone) && context.Cause(j.ctx) == nil:
		return errors.New("sqlinbox: the handler ended the transaction that is the inbox's to end")
	case err != nil:
		return fmt.Errorf("sqlinbox: mark as handled: %w", err)
	case n != 1:
		return ErrLeaseLost
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("sqlinbox: commit: %w", err)
	}
	return nil
}

// fail writes a run that did not succeed: another follows, or the event is dead.
func (r *runner) fail(j *job, o *Outcome) {
	o.State = Waiting
	switch cause := context.Cause(j.ctx); {
	case errors.Is(o.Err, ErrLeaseLost):
		return // others decide
	case cause == ErrLeaseLost:
		o.Err = fmt.Errorf("%w: %w", ErrLeaseLost, o.Err)
		return
	case cause == ErrShutdown:
		o.Err = errors.Join(o.Err, r.settle(j, sqlRelease, values{}))
		return
	}
	wait, again := r.wait(j.claim, o.Took, o.Err)
	v := values{"error": errorText(o.Err)}
	text := sqlRetry
	if again {
		o.Wait = wait
		v["wait"] = wait.Microseconds()
	} else {
		o.State = Dead
		text, v["stage"] = sqlDead, ended(Dead, j.lane)
	}
	if err := r.settle(j, text, v); err != nil {
		o.State, o.Wait, o.Err = Waiting, 0, errors.Join(o.Err, err)
		return
	}
	if again && wait < r.cfg.PollInterval {
		time.AfterFunc(wait, r.rouse)
	}
}
