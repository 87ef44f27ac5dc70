package pgstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgtype"

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
	if err := r.Valid(); err != nil {
		return 0, err
	}
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
	err = s.row(ctx, s.sql.in(`select {schema}.put($1, $2, $3, $4, $5::text[], $6::jsonb) from {durable}`),
		[]any{r.Org, r.ID, version, string(r.Status), topics, string(record)}, &version)
	switch {
	case err != nil:
		return 0, err
	case version == 0:
		return 0, notFound("subscription", r.Org, r.ID)
	case version < 0:
		return 0, fmt.Errorf("subscription %q of org %q: changed or created by another: %w", r.ID, r.Org, driver.ErrConflict)
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
		err = s.row(ctx, s.sql.in(`select {schema}.remove($1, $2) from {durable}`), []any{org, id}, &removed)
	}
	if err == nil && !removed {
		err = notFound("subscription", org, id)
	}
	return err
}

// Subscriptions implements [driver.Directory].
func (s *Store) Subscriptions(ctx context.Context, q driver.SubscriptionQuery) (list []driver.SubscriptionRecord, err error) {
	defer wrap(&err, "subscriptions")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if !storable(q.Org, q.After) {
		return nil, nil
	}
	err = s.each(ctx, s.sql.in(`select s.sub, s.id, s.version, s.record::text, s.topics, h.streak, case when isfinite(h.since) then (extract(epoch from now() - h.since) * 1000000)::bigint end
		from {schema}.subs s left join {schema}.health h on h.org = s.org and h.sub = s.sub
		where s.org = $1 and s.id > $2 and s.gone = 'infinity' and ($3::text[] is null or s.id = any($3))
		order by s.id limit nullif($4, 0)`), []any{q.Org, q.After, storableOf(q.IDs), max(q.Limit, 0)}, func(row scanner) error {
		var sub, version int64
		var raw string
		var topics pgtype.FlatArray[pgtype.Text]
		var id string
		var streak *int
		var failing *int64
		if err := row.Scan(&sub, &id, &version, &raw, &topics, &streak, &failing); err != nil {
			return err
		}
		r, err := readRecord(version, raw, topics)
		if err != nil {
			r = nameless(q.Org, id, version)
		}
		r.Health = newHealth(streak, failing)
		list = append(list, *r)
		return nil
	})
	return list, err
}

// nameless is what is left of a subscription that cannot be read, so that its owner can replace or remove it.
func nameless(org, id string, version int64) *driver.SubscriptionRecord {
	return &driver.SubscriptionRecord{
		Subscription: driver.Subscription{Org: org, ID: id, Status: driver.StatusDisabled, StatusReason: driver.ReasonUnreadable},
		Version:      version,
	}
}

// inUTC prepares times for JSON, which has no room for the seconds that a zone may have.
func inUTC(r *driver.SubscriptionRecord) {
	r.CreatedAt, r.ActivatedAt = r.CreatedAt.UTC(), r.ActivatedAt.UTC()
	r.Secrets, r.Sealed = slices.Clone(r.Secrets), slices.Clone(r.Sealed)
	for i := range r.Secrets {
		x := &r.Secrets[i]
		x.CreatedAt, x.ExpiresAt = x.CreatedAt.UTC(), x.ExpiresAt.UTC()
	}
	for i := range r.Sealed {
		x := &r.Sealed[i]
		x.CreatedAt, x.ExpiresAt = x.CreatedAt.UTC(), x.ExpiresAt.UTC()
	}
}

// storableOf leaves out what cannot be there; nil stays nil, which means all.
func storableOf(texts []string) []string {
	if len(texts) == 0 {
		return nil
	}
	list := make([]string, 0, len(texts))
	for _, t := range texts {
		if storable(t) {
			list = append(list, t)
		}
	}
	return list
}
