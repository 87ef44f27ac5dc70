package sqlinbox_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// While another writes to the file of SQLite, an event waits. So it does where transactions begin with the lock, as
// those that publish should.
func TestAnotherWrites(t *testing.T) {
	for _, lock := range []string{"deferred", "immediate"} {
		t.Run(lock, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := bubbleSource(t)
				rival := s.open(t)
				s.dsn += "&_txlock=" + lock
				db := s.open(t)
				b, err := sqlinbox.New(db, s.flavor, receiver.NewMux(), sqlinbox.Config{Logger: quiet})
				require.NoError(t, err)
				require.NoError(t, b.Migrate(t.Context()))

				tx, err := rival.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				_, err = tx.ExecContext(t.Context(), `create table another (id integer)`)
				require.NoError(t, err)
				stored := make(chan error, 1)
				go func() {
					stored <- b.HandleEvent(t.Context(), &receiver.Event{Event: envelope.Event{ID: "evt_1"}, Key: "evt_1"})
				}()
				synctest.Wait()
				require.Len(t, stored, 0)
				require.NoError(t, tx.Commit())
				require.NoError(t, <-stored)
			})
		})
	}
}
