package sqlitestore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// maxSeq leaves out what is no number, which SQLite takes for more than any.
const maxSeq = `9223372036854775806`

const (
	sqlLogInto = `
INSERT INTO kirimhooks_attempts (delivery, seq, n, at, duration, status, class, response, test, token) `

	// sqlLogAlike is for attempts that differ in their duration alone.
	sqlLogAlike = sqlLogInto + `
SELECT CAST(key AS INTEGER), coalesce((SELECT max(seq) FROM kirimhooks_attempts WHERE delivery = CAST(key AS INTEGER) AND seq <= ` + maxSeq + `), 0) + 1,
	?, ? - value, value, ?, ?, ?, ?, ? FROM json_each(?)`

	sqlLogged = `SELECT 1 FROM kirimhooks_attempts WHERE delivery = ? AND token = ?`

	sqlAttempts = `
SELECT n, at, duration, status, class, response, test FROM kirimhooks_attempts
WHERE delivery = ? ORDER BY seq`

	// attemptsAtOnce is how many rows sqlLogAttempts writes. The driver's work grows with the square of the parameters.
	attemptsAtOnce = 8
	attemptColumns = 9
)

// sqlLogAttempts is for any attempts; a row whose delivery is 0 is none.
var sqlLogAttempts = sqlLogInto + `
SELECT column1, coalesce((SELECT max(seq) FROM kirimhooks_attempts WHERE delivery = column1 AND seq <= ` + maxSeq + `), 0) + 1,
	column2, column3, column4, column5, column6, column7, column8, column9
FROM (VALUES ` + strings.Repeat(`(?, ?, ?, ?, ?, ?, ?, ?, ?), `, attemptsAtOnce-1) + `(?, ?, ?, ?, ?, ?, ?, ?, ?)) WHERE column1 > 0`

// attemptLog is the attempts of a batch, one of a delivery at most.
type attemptLog struct {
	now   int64
	alike groups[logEntry, []timed]
}

// logEntry is what attempts that are alike have in common, as most do.
type logEntry struct {
	n, status       int
	class, response string
	test            bool
	token           int64
}

type timed struct {
	number   int64
	duration time.Duration
}

func (l *attemptLog) add(number int64, a *driver.Attempt, token int64) {
	together := l.alike.at(logEntry{a.N, a.StatusCode, legible(a.ErrorClass), legible(a.Response), a.Test, token})
	*together = append(*together, timed{number, max(0, a.Duration)})
}

// legible is s as it can be kept and read again: what became of a delivery is written down, whatever its words.
func legible(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func (tx *transaction) writeLog(l *attemptLog) error {
	var rest []any
	for _, e := range l.alike.keys {
		together := *l.alike.of[e]
		if len(together) < attemptsAtOnce && len(l.alike.keys) > 1 {
			for _, a := range together {
				rest = append(rest, a.number, e.n, before(l.now, a.duration), int64(a.duration), e.status, e.class, e.response, e.test, e.token)
			}
			continue
		}
		var durations pairs
		for _, a := range together {
			durations.add(a.number, int64(a.duration))
		}
		if _, err := tx.exec(sqlLogAlike, e.n, l.now, e.status, e.class, e.response, e.test, e.token, durations.text()); err != nil {
			return err
		}
	}
	for args := range slices.Chunk(rest, attemptsAtOnce*attemptColumns) {
		for len(args) < attemptsAtOnce*attemptColumns {
			args = append(args, 0)
		}
		if _, err := tx.exec(sqlLogAttempts, args...); err != nil {
			return err
		}
	}
	return nil
}

func (tx *transaction) logAttempt(number int64, a *driver.Attempt, token int64) error {
	l := attemptLog{now: tx.now}
	l.add(number, a, token)
	return tx.writeLog(&l)
}

// logStale logs an attempt made under a lease that somebody took over, once: an outcome told twice is told once.
func (tx *transaction) logStale(number int64, a *driver.Attempt, token int64) error {
	var one int
	logged, err := tx.row(sqlLogged, []any{number, token}, &one)
	if logged || err != nil {
		return err
	}
	return tx.logAttempt(number, a, token)
}

// Attempts implements [driver.Log].
func (s *Store) Attempts(ctx context.Context, org, deliveryID string) ([]driver.Attempt, error) {
	number, err := s.find(ctx, org, deliveryID)
	if err != nil {
		return nil, err
	}
	var list []driver.Attempt
	err = s.read(ctx, sqlAttempts, []any{number}, func(scan scanner) error {
		a, err := scanAttempt(scan)
		list = append(list, a)
		return err
	})
	return list, failed("attempts", ctx, err)
}

// scanAttempt marks one that does not decode.
func scanAttempt(scan scanner) (a driver.Attempt, failed error) {
	var at int64
	if err := scan(&a.N, &at, (*int64)(&a.Duration), &a.StatusCode, &a.ErrorClass, &a.Response, &a.Test); err != nil {
		row, failed := scanAny(scan, 7)
		return driver.Attempt{N: int(row.number(0)), StatusCode: int(row.number(3)), ErrorClass: driver.ReasonUnreadable}, failed
	}
	a.At = instant(at)
	return a, nil
}

// find returns the number of a delivery of an org.
func (s *Store) find(ctx context.Context, org, id string) (number int64, err error) {
	if err := s.load(ctx); err != nil {
		return 0, failed("find delivery", ctx, err)
	}
	number, found := s.decodeID(id)
	if found {
		found = false
		const text = `SELECT 1 FROM kirimhooks_deliveries WHERE delivery = ? AND org = ?`
		err = s.read(ctx, text, []any{number, org}, func(scanner) error { found = true; return nil })
	} else {
		err = ctx.Err()
	}
	switch {
	case err != nil:
		return 0, failed("find delivery", ctx, err)
	case !found:
		return 0, notFound("delivery", org, id)
	}
	return number, nil
}
