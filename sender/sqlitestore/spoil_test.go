package sqlitestore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/sqlitestore"
	"github.com/kirimhooks/kirimhooks/sender/storetest"
)

// spoilers are ways in which a row may not decode. SQLite keeps any value in any column.
var spoilers = map[storetest.Table][]string{
	storetest.Subscriptions: {
		`UPDATE kirimhooks_subscriptions SET record = '{' WHERE org = ?1 AND id = ?2 AND gone = 0`,
		`UPDATE kirimhooks_subscriptions SET record = 'null' WHERE org = ?1 AND id = ?2 AND gone = 0`,
		`UPDATE kirimhooks_subscriptions SET record = json_set(record, '$.CreatedAt', '10000-01-01T00:00:00Z') WHERE org = ?1 AND id = ?2 AND gone = 0`,
		`UPDATE kirimhooks_subscriptions SET record = json_set(record, '$.Rate', 'fast') WHERE org = ?1 AND id = ?2 AND gone = 0`,
		`UPDATE kirimhooks_subscriptions SET shard = 'x' WHERE org = ?1 AND id = ?2 AND gone = 0`,
		`UPDATE kirimhooks_subscriptions SET shard = 64 WHERE org = ?1 AND id = ?2 AND gone = 0`,
		`UPDATE kirimhooks_subscriptions SET deads = 'x' WHERE org = ?1 AND id = ?2 AND gone = 0`,
		`UPDATE kirimhooks_subscriptions SET failing = x'ff' WHERE org = ?1 AND id = ?2 AND gone = 0`,
		`UPDATE kirimhooks_wanted SET digest = 'other', topics = '[' WHERE sub = (SELECT sub FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND gone = 0)`,
	},
	storetest.Events: {
		`UPDATE kirimhooks_events SET created = '10000-01-01T00:00:00Z' WHERE org = ?1 AND id = ?2`, // as an earlier version wrote it
		`UPDATE kirimhooks_events SET created = 'yesterday' WHERE org = ?1 AND id = ?2`,
		`UPDATE kirimhooks_events SET published = 'x' WHERE org = ?1 AND id = ?2`,
		`UPDATE kirimhooks_events SET test = 'perhaps' WHERE org = ?1 AND id = ?2`,
	},
	storetest.Deliveries: {
		`UPDATE kirimhooks_deliveries SET attempt = 'x' WHERE org = ?1 AND delivery = ?2`,
		`UPDATE kirimhooks_deliveries SET created = 'x' WHERE org = ?1 AND delivery = ?2`,
		`UPDATE kirimhooks_deliveries SET replayed = 'x' WHERE org = ?1 AND delivery = ?2`,
		`UPDATE kirimhooks_deliveries SET event = 'x' WHERE org = ?1 AND delivery = ?2`,
	},
	storetest.Attempts: {
		`UPDATE kirimhooks_attempts SET n = 'x' WHERE ?1 > '' AND delivery = ?2`,
		`UPDATE kirimhooks_attempts SET at = 'x' WHERE ?1 > '' AND delivery = ?2`,
		`UPDATE kirimhooks_attempts SET duration = 'x' WHERE ?1 > '' AND delivery = ?2`,
		`UPDATE kirimhooks_attempts SET status = 'x' WHERE ?1 > '' AND delivery = ?2`,
		`UPDATE kirimhooks_attempts SET test = 'x' WHERE ?1 > '' AND delivery = ?2`,
	},
	storetest.Minutes: {
		`UPDATE kirimhooks_minutes SET delivered = 'x' WHERE sub = (SELECT sub FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND gone = 0)`,
		`UPDATE kirimhooks_minutes SET failed = x'00' WHERE sub = (SELECT sub FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND gone = 0)`,
		`UPDATE kirimhooks_minutes SET bucket = 99 WHERE sub = (SELECT sub FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND gone = 0)`,
		`UPDATE kirimhooks_minutes SET bucket = 'x' WHERE sub = (SELECT sub FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND gone = 0)`,
		`UPDATE kirimhooks_minutes SET minute = 'x' WHERE sub = (SELECT sub FROM kirimhooks_subscriptions WHERE org = ?1 AND id = ?2 AND gone = 0)`,
	},
}

func spoil(t testing.TB, s *sqlitestore.Store, table storetest.Table, org, id string, n int) bool {
	t.Helper()
	ways := spoilers[table]
	if n >= len(ways) {
		return false
	}
	row := any(id)
	if table == storetest.Deliveries || table == storetest.Attempts {
		row = s.Number(id)
	}
	result, err := s.Pools()["writer"].ExecContext(t.Context(), ways[n], org, row)
	require.NoError(t, err)
	changed, err := result.RowsAffected()
	require.NoError(t, err)
	require.NotZero(t, changed, ways[n])
	s.Forget()
	return true
}
