package memstore

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender"
)

// RetryNow implements [sender.Log].
func (s *Store) RetryNow(ctx context.Context, q sender.DeliveryQuery) (ids []string, err error) {
	now, err := s.begin(ctx, "retry now")
	if err != nil {
		return nil, err
	}
	defer s.end()
	selected, err := s.selected(&q)
	if err != nil {
		return nil, err
	}
	for d := range selected {
		if d.place != waiting {
			continue
		}
		s.wait(d, now, now)
		if ids = append(ids, d.id); len(ids) == limitOf(&q) {
			break
		}
	}
	return ids, nil
}
