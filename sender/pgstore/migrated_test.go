package pgstore_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// leads are the ways from version 1 to this one.
var leads = map[string]func(*world){
	"Migrate":    func(w *world) { require.NoError(w, w.Migrate(w.ctx)) },
	"SchemaFrom": func(w *world) { w.exec(schemaFrom(w, w.schema, 1, pgstore.SchemaVersion)) },
}

// All that version 1 knew is told as it told it: ids, secrets, states, attempts, counts.
func TestADatabaseOfVersion1TellsTheSame(t *testing.T) {
	for name, lead := range leads {
		t.Run(name, func(t *testing.T) {
			w := prepare(t)
			w.restore()
			_, err := w.Store.Claim(w.ctx, request(1))
			require.ErrorContains(t, err, "has version 1")
			lead(w)
			require.NoError(t, w.Migrate(w.ctx), "nothing is left to do")
			requireSame(t, told(t), w.look(w.peer()))
		})
	}
}

// arrivals are which events arrived at which host.
type arrivals struct {
	mu   sync.Mutex
	list []string
}

func (a *arrivals) answer(r *http.Request) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, r.URL.Hostname()+" "+r.Header.Get("X-Kirim-Event-Id"))
	return http.StatusOK
}

func (a *arrivals) sorted() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(slices.Values(a.list))
}

// What was due, waiting, in flight or held is delivered by a sender of this version, and what died can be replayed.
func TestWhatVersion1LeftIsDelivered(t *testing.T) {
	w := prepare(t)
	w.restore()
	require.NoError(t, w.Migrate(w.ctx))
	var far arrivals
	cfg := config(far.answer)
	cfg.PollInterval = 50 * time.Millisecond
	s, _ := run(t, w.peer(), cfg)
	org := s.Org("acme")
	const active = "active.example.com evt_"
	before := len(w.deliveries(driver.StateDelivered))
	arrived := func(why string, want ...string) {
		t.Helper()
		slices.Sort(want)
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			require.Equal(c, want, far.sorted())
			require.Len(c, w.deliveries(driver.StateDelivered), before+len(want), "and it is written down")
		}, 30*time.Second, 20*time.Millisecond, why)
	}
	want := []string{active + "due", active + "lost"}
	arrived("due, or its lease was over", want...)

	w.advance(time.Minute)
	want = append(want, active+"flying", active+"flying_again")
	arrived("its lease ended", want...)

	w.advance(4 * time.Hour)
	want = append(want, active+"lapsed", active+"replaying", active+"waiting")
	arrived("its wait ended", want...)

	for _, sub := range told(t).Subscriptions {
		if sub.Status != driver.StatusActive {
			require.NoError(t, org.Resume(t.Context(), sub.ID))
		}
	}
	want = append(want, "disabled.example.com evt_held", "paused.example.com evt_paused")
	arrived("it was held", want...)

	for made, err := range org.ReplayAll(t.Context(), driver.DeliveryQuery{States: []driver.State{driver.StateDead}}) {
		require.NoError(t, err)
		require.NotEmpty(t, made.New)
	}
	for _, n := range []string{"1", "2", "3"} {
		want = append(want, "disabled.example.com evt_died_"+n)
	}
	want = append(want, active+"dead", active+"test") // nobody waited for the test any more: it ended as dead
	arrived("it was dead, and nothing later was delivered", want...)

	require.Empty(t, w.deliveries(driver.StatePending, driver.StateHeld))
}

func (w *world) deliveries(states ...driver.State) []driver.Delivery {
	w.Helper()
	list, err := w.Deliveries(w.ctx, driver.DeliveryQuery{Org: "acme", States: states})
	require.NoError(w, err)
	return list
}

// A process of version 1 that still runs is refused whatever it does. What it held is claimed again when its lease
// ends.
func TestAProgramOfVersion1IsRefused(t *testing.T) {
	w := prepare(t)
	w.restore()
	require.NoError(t, w.Migrate(w.ctx))
	refused := func(call string) {
		t.Helper()
		_, err := w.pool.Exec(w.ctx, w.in(call))
		var pe *pgconn.PgError
		require.ErrorAs(t, err, &pe, call)
		require.Contains(t, []string{"42883", "42P01", "42703"}, pe.Code, "%s: no such function, table or column", call)
	}
	refused("select version, key from {schema}.meta") // its first, and the last of its Migrate
	refused("select * from {schema}.q")
	refused(`select f.* from {schema}.claim(1, 1, 1::bigint, 60000000::bigint, 0::bigint, '{}'::jsonb, null::int[], 256,
		200, 1, 0::bigint, '') f`)
	late := flying(`select {schema}.deliver({ctid}, {number}, {subscription}, {token}, array[1], array[1::bigint],
		array[200], array[''::bytea], array[0::smallint], false)`)
	refused(late)
	refused(flying(`select * from {schema}.settle(array['acme'], {number}, {subscription}, {token}, array[1::smallint],
		array[0::bigint], array[''], array[1], array[1::bigint], array[200], array[''], array[''::bytea], array[false],
		array[1::smallint], array[0::smallint])`))
	requireSame(t, told(t), w.look(w.Store))

	again := func() (lapses map[string]int) {
		lapses = map[string]int{}
		for _, c := range w.claim(request(9)).Claims {
			lapses[c.Delivery.EventID] = c.Lapses
			w.settle(delivered(c))
		}
		return lapses
	}
	require.Equal(t, map[string]int{"evt_due": 0, "evt_lost": 1, "evt_test": 0}, again())
	w.advance(30 * time.Second)
	require.Empty(t, again())
	w.advance(30 * time.Second)
	require.Equal(t, map[string]int{"evt_flying": 1, "evt_flying_again": 1}, again())
	refused(late)
}

// flying fills in columns of a delivery in flight.
func flying(text string) string {
	for _, column := range []string{"ctid", "number", "subscription", "token"} {
		text = strings.ReplaceAll(text, "{"+column+"}", `(select array_agg(d.`+column+`)
			from {schema}.unfinished_deliveries d join {schema}.events e on e.number = d.event
			where e.id = 'evt_flying')`)
	}
	return text
}

// Version 1 did not write down when a lease began. What it leased ahead of a clock that jumps back is free all the
// same.
func TestTheClockMayGoBackBehindVersion1(t *testing.T) {
	w := prepare(t)
	w.restore()
	require.NoError(t, w.Migrate(w.ctx))
	w.advance(-day)
	var events []string
	for _, c := range w.claim(request(20)).Claims {
		events = append(events, c.Delivery.EventID)
	}
	slices.Sort(events)
	require.Equal(t, []string{
		"evt_due", "evt_flying", "evt_flying_again", "evt_lapsed", "evt_lost", "evt_replaying", "evt_test",
		"evt_waiting",
	}, events)
}
