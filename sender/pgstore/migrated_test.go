package pgstore_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
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
	before := len(w.deliveries(sender.StateDelivered))
	arrived := func(why string, want ...string) {
		t.Helper()
		slices.Sort(want)
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			require.Equal(c, want, far.sorted())
			require.Len(c, w.deliveries(sender.StateDelivered), before+len(want), "and it is written down")
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
		if sub.Status != sender.StatusActive {
			require.NoError(t, org.Resume(t.Context(), sub.ID))
		}
	}
	want = append(want, "disabled.example.com evt_held", "paused.example.com evt_paused")
	arrived("it was held", want...)

	for made, err := range org.ReplayAll(t.Context(), sender.DeliveryQuery{States: []sender.State{sender.StateDead}}) {
		require.NoError(t, err)
		require.NotEmpty(t, made.New)
	}
	for _, n := range []string{"1", "2", "3"} {
		want = append(want, "disabled.example.com evt_died_"+n)
	}
	want = append(want, active+"dead", active+"test") // nobody waited for the test any more: it ended as dead
	arrived("it was dead, and nothing later was delivered", want...)

	require.Empty(t, w.deliveries(sender.StatePending, sender.StateHeld))
}

func (w *world) deliveries(states ...sender.State) []sender.Delivery {
	w.Helper()
	list, err := w.Deliveries(w.ctx, sender.DeliveryQuery{Org: "acme", States: states})
	require.NoError(w, err)
	return list
}
