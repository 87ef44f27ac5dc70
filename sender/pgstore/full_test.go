package pgstore_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// A database that has no room left takes no event, and says so; what it has goes on, and with room again everything
// does.
func TestAFullDatabase(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "before", 20, "x")...)
	w.exec(`create function {schema}.no_room() returns trigger language plpgsql as $$ begin
			if new.due_at is not null
				and (select count(*) from {schema}.unfinished_deliveries) >= 23 then
				raise 'could not extend file: No space left on device' using errcode = 'disk_full';
			end if;
			return new;
		end $$;
		create trigger no_room before insert on {schema}.unfinished_deliveries
			for each row execute function {schema}.no_room()`)

	pubs := publications("a", "e", 5, "x") // no room for the fourth
	full := func(err error) {
		t.Helper()
		var pe *pgconn.PgError
		require.ErrorAs(t, err, &pe)
		require.Equal(t, "53100", pe.Code)
		require.Equal(t, 20, w.count("select count(*) from {schema}.events"), "nothing is half-written")
		require.Equal(t, 20, w.count("select count(*) from {schema}.unfinished_deliveries"))
	}
	_, _, err := w.Enqueue(t.Context(), pubs, nil)
	full(err)
	r := request(10)
	_, claims, err := w.Enqueue(t.Context(), pubs, &r)
	full(err)
	require.Empty(t, claims)
	tx := w.begin()
	_, _, err = tx.Enqueue(t.Context(), pubs, nil)
	full(err)
	require.Error(t, tx.commit(), "it can only be rolled back")

	var done []driver.Outcome
	for _, c := range w.all() {
		done = append(done, delivered(c))
	}
	require.Len(t, done, 20)
	w.settle(done...)
	w.exec("drop trigger no_room on {schema}.unfinished_deliveries")
	w.publish(pubs...)
	require.Len(t, w.all(), 5)
}
