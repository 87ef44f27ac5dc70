package sqlinbox

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// A claim takes events that are due for a token and a lease. Whoever had them and did not end them has vanished.
const (
	// MySQL assigns from left to right, so that lapses must be counted before the token is another.
	sqlTake = `update {t} set lapses = lapses + case when token is null then 0 else 1 end, token = @token,
			due = {now} + @lease, first_run = coalesce(first_run, {now})
		where `
	sqlFree     = `select seq from {t} where stage = 2 and due <= {now} order by due, seq limit @limit {skip}`
	sqlTaken    = ` returning seq, lane, failures, lapses, {now} - first_run, head, body`
	sqlTakeDue  = sqlTake + `seq in (` + sqlFree + `)` + sqlTaken
	sqlTakeFree = sqlTake + `seq = any(array(` + sqlFree + `))` + sqlTaken // in one go, as "in" would not be

	sqlAnyDue = `select 1 from {t} where stage = 2 and due <= {now} order by due limit 1`
	sqlDue    = `select seq, lane, failures, lapses + case when token is null then 0 else 1 end,
			coalesce({now} - first_run, 0), head, body
		from {t} where stage = 2 and due <= {now} order by due, seq limit @limit {skip}`
	sqlTakeThese = sqlTake + `seq in (@seqs)`
)

// claim is one event that this process may run until its lease ends.
type claim struct {
	seq              int64
	token            string
	lane             string
	failures, lapses int
	blocking         time.Duration // since its first run
	ev               *receiver.Event
	unreadable       error
}

// claim takes up to limit events that are due.
func (b *Inbox) claim(ctx context.Context, token string, limit int) ([]claim, error) {
	v := values{"token": token, "lease": b.cfg.Lease.Microseconds(), "limit": limit}
	var claims []claim
	read := func(scan scanner) error {
		c := claim{token: token}
		var micros int64
		var text string
		var body []byte
		if err := scan(&c.seq, &c.lane, &c.failures, &c.lapses, &micros, &text, &body); err != nil {
			return err
		}
		c.blocking = time.Duration(micros) * time.Microsecond
		c.ev, c.unreadable = decodeEvent(text, body)
		claims = append(claims, c)
		return nil
	}
	err := b.take(ctx, v, read, &claims)
	slices.SortFunc(claims, func(x, y claim) int { return cmp.Compare(x.seq, y.seq) })
	return claims, err
}

// take runs what claims in each database. Where that is one statement by itself it is not cut off, since it may have
// claimed already.
func (b *Inbox) take(ctx context.Context, v values, read func(scanner) error, claims *[]claim) error {
	if b.db.returning && !b.db.grouped {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.cfg.Lease)
		defer cancel()
		return b.db.each(ctx, nil, sqlTakeFree, v, read)
	}
	if found, err := b.db.row(ctx, nil, sqlAnyDue, nil, new(int)); err != nil || !found {
		return err // no transaction for nothing
	}
	return b.db.within(ctx, func(tx *sql.Tx) error {
		if b.db.returning {
			return b.db.each(ctx, tx, sqlTakeDue, v, read)
		}
		if err := b.db.each(ctx, tx, sqlDue, v, read); err != nil {
			return err
		}
		v["seqs"] = seqsOf(*claims)
		return b.change(ctx, tx, sqlTakeThese, v)
	})
}

func seqsOf(claims []claim) []int64 {
	seqs := make([]int64, len(claims))
	for i, c := range claims {
		seqs[i] = c.seq
	}
	return seqs
}
