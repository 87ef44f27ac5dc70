package memstore

import (
	"context"
	"iter"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// attempt is one driver.Attempt without a pointer.
type attempt struct {
	at       int64
	duration time.Duration
	token    uint64 // whose it was; 0 where a lapsed lease left it
	next     uint32 // of the same delivery, in the order logged; the last one leads back to the first
	n        uint32
	class    uint32 // text
	response uint32 // text
	status   int32
	test     bool
}

func (s *Store) logAttempt(d *delivery, a *driver.Attempt, token uint64, now int64) {
	ref := s.attempts.add()
	logged := s.attempts.at(ref)
	took := max(0, a.Duration)
	*logged = attempt{
		at: before(now, took), duration: took, token: token, next: ref, n: uint32(a.N), status: int32(a.StatusCode),
		class: s.texts.hold(legible(a.ErrorClass)), response: s.texts.hold(legible(a.Response)), test: a.Test,
	}
	if d.lastAttempt != 0 {
		last := s.attempts.at(d.lastAttempt)
		logged.next, last.next = last.next, ref
	}
	d.lastAttempt = ref
}

// attemptsOf returns the attempts of a delivery in the order they were logged.
func (s *Store) attemptsOf(d *delivery) iter.Seq2[uint32, *attempt] {
	return func(yield func(uint32, *attempt) bool) {
		if d.lastAttempt == 0 {
			return
		}
		for ref, last := s.attempts.at(d.lastAttempt).next, d.lastAttempt; ; {
			a := s.attempts.at(ref)
			next := a.next // yield may remove a
			if !yield(ref, a) || ref == last {
				return
			}
			ref = next
		}
	}
}

// logged reports whether the attempt made under this token stands in the log: a stale outcome told twice is told once.
func (s *Store) logged(d *delivery, token uint64) bool {
	for _, a := range s.attemptsOf(d) {
		if a.token == token {
			return true
		}
	}
	return false
}

func (s *Store) forgetAttempts(d *delivery) {
	for ref, a := range s.attemptsOf(d) {
		s.texts.drop(a.class)
		s.texts.drop(a.response)
		s.attempts.remove(ref)
	}
	d.lastAttempt = 0
}

// Attempts implements [driver.Log].
func (s *Store) Attempts(ctx context.Context, org, deliveryID string) ([]driver.Attempt, error) {
	if _, err := s.begin(ctx, "attempts"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	ref, ok := s.find(org, deliveryID)
	if !ok {
		return nil, notFound("delivery", org, deliveryID)
	}
	var list []driver.Attempt
	for _, a := range s.attemptsOf(s.deliveries.at(ref)) {
		list = append(list, driver.Attempt{
			N: int(a.n), At: s.instant(a.at), Duration: a.duration, StatusCode: int(a.status),
			ErrorClass: s.texts.get(a.class), Response: s.texts.get(a.response), Test: a.test,
		})
	}
	return list, nil
}
