package inboxtest_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox/inboxtest"
)

// t stands for the argument of the test function that the example is the body of.
var t *testing.T

// A server with settings of the host's own.
func ExampleRun() {
	inboxtest.Run(t, func(t *testing.T) inboxtest.Subject {
		db, err := sql.Open("pgx", "postgres://127.0.0.1/test?default_transaction_isolation=serializable")
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		return inboxtest.Subject{DB: db, Flavor: sqlinbox.Postgres}
	})
}
