package pgstore_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// dump is the database in testdata, which version 1 of the schema made.
const dump = "testdata/version1"

// picture is what a store tells of the one org in the dump.
type picture struct {
	Subscriptions []driver.SubscriptionRecord
	Deliveries    []driver.Delivery
	Attempts      map[string][]driver.Attempt // by delivery
	Minutes       []driver.Minute
	Counts        driver.Counts
	Events        map[string]driver.StoredEvent
}

// restore fills the schema from the dump, and sets the clock to when it was made.
func (w *world) restore() {
	w.Helper()
	script, err := os.ReadFile(dump + ".sql")
	require.NoError(w, err)
	conn, err := pgx.Connect(w.ctx, w.pool.Config().ConnString()) // the script changes the session
	require.NoError(w, err)
	defer conn.Close(w.ctx)
	_, err = conn.Exec(w.ctx, strings.ReplaceAll(string(script), "kirimhooks", w.schema))
	require.NoError(w, err)
	w.exec("update {schema}_clock.ahead set by = '2026-01-01 00:02:18Z' - pg_catalog.now()")
}

// told is what the program that filled the dump told of it.
func told(t testing.TB) (p picture) {
	t.Helper()
	text, err := os.ReadFile(dump + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &p))
	return p
}

// look is what s tells now.
func (w *world) look(s *pgstore.Store) picture {
	w.Helper()
	const org = "acme"
	p := picture{Attempts: map[string][]driver.Attempt{}, Events: map[string]driver.StoredEvent{}}
	var err error
	p.Subscriptions, err = s.Subscriptions(w.ctx, driver.SubscriptionQuery{Org: org})
	require.NoError(w, err)
	p.Deliveries, err = s.Deliveries(w.ctx, driver.DeliveryQuery{Org: org})
	require.NoError(w, err)
	for _, d := range p.Deliveries {
		p.Attempts[d.ID], err = s.Attempts(w.ctx, org, d.ID)
		require.NoError(w, err)
		p.Events[d.EventID], err = s.Event(w.ctx, org, d.EventID)
		require.NoError(w, err)
	}
	p.Minutes, err = s.Minutes(w.ctx, org, "", 24*time.Hour)
	require.NoError(w, err)
	p.Counts, err = s.Counts(w.ctx, org)
	require.NoError(w, err)
	return p
}

// requireSame compares all but what version 1 did not tell, and how long a subscription has been failing, which goes
// on.
func requireSame(t testing.TB, want, got picture) {
	t.Helper()
	require.Equal(t, len(want.Subscriptions), len(got.Subscriptions))
	for i := range want.Subscriptions {
		w, g := &want.Subscriptions[i].Health, &got.Subscriptions[i].Health
		require.InDelta(t, w.FailingFor.Seconds(), g.FailingFor.Seconds(), 60)
		w.FailingFor, g.FailingFor = 0, 0
	}
	for i := range got.Deliveries {
		got.Deliveries[i].ReplayedBy = ""
	}
	text, err := json.Marshal(got)
	require.NoError(t, err)
	var read picture // nil and empty become one
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, want, read)
}
