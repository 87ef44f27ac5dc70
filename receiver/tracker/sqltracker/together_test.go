package sqltracker_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

// crossing are lists of statuses of the same few messages, each list in an order of its own. In every eight lists the
// messages are new, so that their rows are inserted by several at once as well as changed.
func crossing(lists int) [][]tracker.Status {
	r := rand.New(rand.NewPCG(7, 8))
	steps := []tracker.Step{tracker.Sent, tracker.Delivered, tracker.Read, tracker.Played, tracker.Failed}
	all := make([][]tracker.Status, lists)
	for i := range all {
		for _, at := range r.Perm(4) {
			id := fmt.Sprintf("wamid.%d.%d", i/8, at)
			all[i] = append(all[i], status(id, steps[r.IntN(len(steps))], r.IntN(60)))
		}
	}
	return all
}

// expect demands these rows.
func (w *world) expect(want map[string]tracker.Message) {
	w.Helper()
	for id, row := range want {
		rows, err := w.Get(context.Background(), id)
		require.NoError(w, err)
		require.Equal(w, []tracker.Message{row}, rows)
	}
}

// Transactions that hold the rows of several messages, and callers without one: nobody waits in a circle, and nothing
// is lost.
func TestTransactionsAtOnceLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.immediate().world(t)
		want := map[string]tracker.Message{}
		lists := crossing(160)
		var wg sync.WaitGroup
		for _, list := range lists {
			for _, st := range list {
				want[st.ID] = want[st.ID].Apply(st)
			}
		}
		begin := make(chan struct{})
		for first := range 8 {
			wg.Go(func() {
				<-begin
				for at := first; at < len(lists); at += 8 {
					var store tracker.Store = w
					if first%4 > 0 {
						store = committing{w}
					}
					assert.NoError(t, store.Record(t.Context(), lists[at]...))
				}
			})
		}
		close(begin)
		wg.Wait()
		w.expect(want)
	})
}

// Rows are purged while others record them: nobody hears of a deadlock.
func TestPurgeBesideRecorders(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		w := s.immediate().world(t)
		limit := start.Add(20 * time.Second)
		ctx, stop := context.WithCancel(t.Context())
		var recorders, purgers sync.WaitGroup
		for range 2 {
			purgers.Go(func() {
				for ctx.Err() == nil {
					_, err := w.Purge(t.Context(), limit)
					assert.NoError(t, err)
				}
			})
		}
		lists := crossing(120)
		for first := range 6 {
			recorders.Go(func() {
				for at := first; at < len(lists); at += 6 {
					assert.NoError(t, committing{w}.Record(t.Context(), lists[at]...))
				}
			})
		}
		recorders.Wait()
		stop()
		purgers.Wait()
		_, err := w.Purge(t.Context(), limit)
		require.NoError(t, err)
		for _, step := range []tracker.Step{tracker.Sent, tracker.Delivered, tracker.Read, tracker.Played, tracker.Failed} {
			left, err := w.List(t.Context(), tracker.Query{Step: step, Before: limit})
			require.NoError(t, err)
			require.Empty(t, left)
		}
	})
}
