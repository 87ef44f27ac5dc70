package pgstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender"
)

// PutSubscription implements [sender.Directory].
func (s *Store) PutSubscription(ctx context.Context, r sender.SubscriptionRecord) (version int64, err error) {
	defer wrap(&err, "put subscription")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer cancel()
	if err := checkRecord(&r); err != nil {
		return 0, err
	}
	if r.Topics == nil {
		r.Topics = []string{}
	}
	topics := r.Topics
	r.Topics, r.Version, r.Shard, r.Health, version = nil, 0, 0, sender.Health{}, r.Version // they stand in columns
	record, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	err = s.pool.QueryRow(ctx, s.sql.in(`select {schema}.put($1, $2, $3, $4, $5::text[], $6::jsonb)`),
		r.Org, r.ID, version, string(r.Status), topics, string(record)).Scan(&version)
	switch {
	case err != nil:
		return 0, err
	case version == 0:
		return 0, notFound("subscription", r.Org, r.ID)
	case version < 0:
		return 0, fmt.Errorf("subscription %q of org %q: changed or created by another: %w", r.ID, r.Org, sender.ErrConflict)
	}
	return version, nil
}

// checkRecord refuses texts that the database cannot hold, or that JSON would not give back as they are.
func checkRecord(r *sender.SubscriptionRecord) error {
	texts := []struct{ name, text string }{
		{"ID", r.ID}, {"Status", string(r.Status)}, {"Name", r.Name}, {"Description", r.Description}, {"URL", r.URL},
		{"Contract", r.Contract}, {"StatusReason", r.StatusReason},
	}
	add := func(name, text string) { texts = append(texts, struct{ name, text string }{name, text}) }
	for _, t := range r.Topics {
		add("Topics", t)
	}
	for _, t := range r.Events {
		add("Events", t)
	}
	for _, d := range r.Devices {
		add("Devices", d.ID)
		add("Devices", d.Channel)
	}
	for k, v := range r.Headers {
		add("Headers", k)
		add("Headers", v)
	}
	for _, x := range r.Sealed {
		add("Sealed", x.ID)
	}
	for _, x := range r.Secrets {
		add("Secrets", x.ID)
	}
	if err := checkText("Org", r.Org, maxOrg); err != nil {
		return err
	}
	for _, t := range texts {
		most := len(t.text)
		if t.name == "ID" || t.name == "Topics" { // they stand in an index
			most = maxText
		}
		if err := checkText(t.name, t.text, most); err != nil {
			return err
		}
	}
	return nil
}

// DeleteSubscription implements [sender.Directory]. What waits for it reads as cancelled at once; Purge writes it down.
func (s *Store) DeleteSubscription(ctx context.Context, org, id string) (err error) {
	defer wrap(&err, "delete subscription")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	removed := false
	if storable(org, id) {
		err = s.pool.QueryRow(ctx, s.sql.in(`select {schema}.remove($1, $2)`), org, id).Scan(&removed)
	}
	if err == nil && !removed {
		err = notFound("subscription", org, id)
	}
	return err
}

// Subscriptions implements [sender.Directory].
func (s *Store) Subscriptions(ctx context.Context, q sender.SubscriptionQuery) (list []sender.SubscriptionRecord, err error) {
	defer wrap(&err, "subscriptions")
	ctx, cancel, _, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if !storable(q.Org, q.After) {
		return nil, nil
	}
	err = s.each(ctx, s.sql.in(`select s.sub, s.version, s.record::text, s.topics, h.streak, (extract(epoch from now() - h.since) * 1000000)::bigint
		from {schema}.subs s left join {schema}.health h on h.org = s.org and h.sub = s.sub
		where s.org = $1 and s.id > $2 and s.gone = 'infinity' and ($3::text[] is null or s.id = any($3))
		order by s.id limit nullif($4, 0)`), []any{q.Org, q.After, storableOf(q.IDs), max(q.Limit, 0)}, func(row scanner) error {
		var sub, version int64
		var raw string
		var topics []string
		var streak *int
		var failing *int64
		if err := row.Scan(&sub, &version, &raw, &topics, &streak, &failing); err != nil {
			return err
		}
		r, err := readRecord(sub, version, raw, topics)
		if err != nil {
			return err
		}
		r.Health = newHealth(streak, failing)
		list = append(list, *r)
		return nil
	})
	return list, err
}

// storable reports whether the database can compare texts with what it has. What it cannot hold, it does not have.
func storable(texts ...string) bool {
	for _, t := range texts {
		if checkText("", t, len(t)) != nil {
			return false
		}
	}
	return true
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
