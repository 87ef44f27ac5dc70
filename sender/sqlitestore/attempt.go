package sqlitestore

import (
	"context"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

const (
	// A seq that is no number, which SQLite takes for more than any, is left out.
	sqlLogAttempt = `
INSERT INTO kirimhooks_attempts
	(delivery, seq, attempt, started_at, duration, status, error_class, response, is_test, token)
VALUES (?1, 1 + coalesce((
	SELECT max(seq) FROM kirimhooks_attempts WHERE delivery = ?1 AND seq < 9223372036854775807), 0),
	?, ?, ?, ?, ?, ?, ?, ?)`

	sqlLogged = `SELECT 1 FROM kirimhooks_attempts WHERE delivery = ? AND token = ?`

	sqlAttempts = `
SELECT attempt, started_at, duration, status, error_class, response, is_test FROM kirimhooks_attempts
WHERE delivery = ? ORDER BY seq`

	sqlDeliveryOf = `SELECT delivery FROM kirimhooks_deliveries WHERE delivery = ? AND org = ?`
)

func (tx *transaction) logAttempt(number int64, a *driver.Attempt, token int64) error {
	took := max(0, a.Duration)
	_, err := tx.exec(sqlLogAttempt, number, a.N, before(tx.now, took), int64(took), a.StatusCode,
		legible(a.ErrorClass), legible(a.Response), a.Test, token)
	return err
}

// logStale logs an attempt made under a lease that somebody took over, once: an outcome told twice is told once.
func (tx *transaction) logStale(number int64, a *driver.Attempt, token int64) error {
	logged, err := tx.numbers(sqlLogged, number, token)
	if len(logged) > 0 || err != nil {
		return err
	}
	return tx.logAttempt(number, a, token)
}

// legible is s as it can be kept and read again: what became of a delivery is written down, whatever its words.
func legible(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Attempts implements [driver.Log].
func (s *Store) Attempts(ctx context.Context, org, deliveryID string) ([]driver.Attempt, error) {
	if err := s.load(ctx); err != nil {
		return nil, failed("attempts", ctx, err)
	}
	number, known := s.decodeID(deliveryID)
	found, err := s.numbers(ctx, sqlDeliveryOf, number, org)
	if err != nil {
		return nil, failed("attempts", ctx, err)
	}
	if !known || len(found) == 0 {
		return nil, notFound("delivery", org, deliveryID)
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
	err := scan(&a.N, &at, (*int64)(&a.Duration), &a.StatusCode, &a.ErrorClass, &a.Response, &a.Test)
	if err != nil {
		row, failed := scanAny(scan, 7)
		return driver.Attempt{
			N: int(row.number(0)), StatusCode: int(row.number(3)), ErrorClass: driver.ReasonUnreadable,
		}, failed
	}
	a.At = instant(at)
	return a, nil
}
