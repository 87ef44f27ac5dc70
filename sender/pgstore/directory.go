package pgstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// PutSubscription implements [driver.Directory].
func (s *Store) PutSubscription(ctx context.Context, r driver.SubscriptionRecord) (version int64, err error) {
	defer wrap(&err, "put subscription")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer cancel()
	if r.Topics == nil {
		r.Topics = []string{}
	}
	topics := r.Topics
	inUTC(&r)
	r.Topics, r.Version, r.Health, version = nil, 0, driver.Health{}, r.Version // they stand in columns
	record, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	err = s.row(ctx, s.sql.in(`select {schema}.put_subscription($1, $2, $3, $4, $5::text[], $6::jsonb) from {durable}`),
		[]any{r.Org, r.ID, version, string(r.Status), topics, string(record)}, &version)
	switch {
	case err != nil:
		return 0, err
	case version == 0:
		return 0, notFound("subscription", r.Org, r.ID)
	case version < 0:
		return 0, fmt.Errorf("subscription %q of org %q: changed or created by another: %w",
			r.ID, r.Org, driver.ErrConflict)
	}
	return version, nil
}

// DeleteSubscription implements [driver.Directory]. What waits for it reads as cancelled at once; Purge writes it down.
func (s *Store) DeleteSubscription(ctx context.Context, org, id string) (err error) {
	defer wrap(&err, "delete subscription")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	removed := false
	if storable(org, id) {
		text := s.sql.in(`select {schema}.remove_subscription($1, $2) from {durable}`)
		err = s.row(ctx, text, []any{org, id}, &removed)
	}
	if err == nil && !removed {
		err = notFound("subscription", org, id)
	}
	return err
}

// Subscriptions implements [driver.Directory].
func (s *Store) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) (
	list []driver.SubscriptionRecord, err error,
) {
	defer wrap(&err, "subscriptions")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if !storable(q.Org, q.After) {
		return nil, nil
	}
	err = s.each(ctx, s.sql.in(`
		select s.number, s.id, s.version, s.record::text, s.topics, h.consecutive_dead,
			case when isfinite(h.failing_since) then (extract(epoch from now() - h.failing_since) * 1000000)::bigint end
		from {schema}.subscriptions s left join {schema}.health h on h.org = s.org and h.subscription = s.number
		where s.org = $1 and s.id > $2 and s.removed_at = 'infinity' and ($3::text[] is null or s.id = any($3))
		order by s.id limit nullif($4, 0)`),
		[]any{q.Org, q.After, storableOf(q.IDs), max(q.Limit, 0)}, func(row scanner) error {
			var x storedRecord
			var id string
			var dead *int
			var failing *int64
			if err := row.Scan(&x.number, &id, &x.version, &x.record, &x.topics, &dead, &failing); err != nil {
				return err
			}
			r, err := x.read()
			if err != nil {
				r = nameless(q.Org, id, x.version)
			}
			r.Health = newHealth(dead, failing)
			list = append(list, *r)
			return nil
		})
	return list, err
}
