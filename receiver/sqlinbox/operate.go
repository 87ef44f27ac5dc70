package sqlinbox

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	isRunning = `case when token is not null and due > {now} then 1 else 0 end`
	sqlStand  = `select stage, lane, ` + isRunning + ` from {t} where seq = @seq {lock}`

	sqlReplay = `update {t} set stage = @stage, due = {now}, arrived = {now}, token = null,
			failures = 0, lapses = 0, first_run = null
		where seq = @seq`
	sqlRetryNow = `update {t} set due = {now} where seq = @seq and due > {now}`
	sqlCancel   = `update {t} set stage = @stage, due = {now}, token = null where seq = @seq`
)

// standing is where one event stands, while nobody else may change it.
type standing struct {
	stage int64
	lane  string
	state State
}

// Replay runs an event that is dead, cancelled or done once more, with a schedule of its own, as if it arrived now: in
// its lane it stands last. Another state is ErrState, an unknown id ErrNotFound.
func (b *Inbox) Replay(ctx context.Context, id int64) error {
	return b.operate(ctx, "replay", id, func(tx *sql.Tx, s standing) error {
		if s.state == Waiting || s.state == Running {
			return fmt.Errorf("%w: %d is %v", ErrState, id, s.state)
		}
		stage := stageNext
		if s.lane != "" {
			stage = stageArrived
		}
		_, err := b.db.exec(ctx, tx, sqlReplay, values{"seq": id, "stage": stage})
		return err
	})
}

// RetryNow makes an event that waits for its next run due. One that is running, has ended or stands behind another of
// its lane is ErrState, an unknown id ErrNotFound.
func (b *Inbox) RetryNow(ctx context.Context, id int64) error {
	return b.operate(ctx, "retry now", id, func(tx *sql.Tx, s standing) error {
		switch {
		case s.state != Waiting:
			return fmt.Errorf("%w: %d is %v", ErrState, id, s.state)
		case s.stage != stageNext:
			return fmt.Errorf("%w: %d waits for its turn in its lane", ErrState, id)
		}
		_, err := b.db.exec(ctx, tx, sqlRetryNow, values{"seq": id})
		return err
	})
}

// Cancel ends an event that waits; its lane goes on. One that is running or has ended is ErrState, an unknown id
// ErrNotFound.
func (b *Inbox) Cancel(ctx context.Context, id int64) error {
	return b.operate(ctx, "cancel", id, func(tx *sql.Tx, s standing) error {
		if s.state != Waiting {
			return fmt.Errorf("%w: %d is %v", ErrState, id, s.state)
		}
		stage := ended(Cancelled, s.lane)
		if s.stage != stageNext {
			stage = ended(Cancelled, "") // it never had the lane
		}
		_, err := b.db.exec(ctx, tx, sqlCancel, values{"seq": id, "stage": stage})
		return err
	})
}

// operate runs f in route's turn, so that no lane is handed on meanwhile.
func (b *Inbox) operate(ctx context.Context, doing string, id int64, f func(*sql.Tx, standing) error) error {
	err := b.check(ctx)
	if err == nil {
		err = b.db.within(ctx, func(tx *sql.Tx) error {
			var place int64
			if _, err := b.db.row(ctx, tx, sqlWaitTurn, nil, &place); err != nil {
				return err
			}
			s, err := b.stand(ctx, tx, id)
			if err != nil {
				return err
			}
			return f(tx, s)
		})
	}
	if err != nil {
		return fmt.Errorf("sqlinbox: %s: %w", doing, bare(err))
	}
	b.rouse()
	signal(b.lanes)
	return nil
}

// stand finds the event, and hands its lane on if it still has it after its end.
func (b *Inbox) stand(ctx context.Context, tx *sql.Tx, id int64) (s standing, err error) {
	for {
		var running int64
		found, err := b.db.row(ctx, tx, sqlStand, values{"seq": id}, &s.stage, &s.lane, &running)
		switch {
		case err != nil:
			return s, err
		case !found:
			return s, ErrNotFound
		case s.stage < stageDone || s.stage >= over:
			s.state = stateOf(s.stage, running == 1)
			return s, nil
		}
		if _, err := b.handOn(ctx, tx); err != nil {
			return s, err
		}
	}
}
