package memstore

import (
	"context"
	"time"
)

// OldestDue implements [driver.Backlog]. It looks at the head of each lane that has something to claim.
func (s *Store) OldestDue(ctx context.Context) (age time.Duration, err error) {
	now, err := s.begin(ctx, "oldest due")
	if err != nil {
		return 0, err
	}
	defer s.end()
	for _, u := range s.rotation {
		if len(u.tests) > 0 && u.claimable() {
			age = max(age, now.Sub(u.tests[0].at))
		}
		if len(u.due) > 0 && u.claimable() && u.active() {
			age = max(age, now.Sub(u.due[0].at))
		}
	}
	return age, nil
}
