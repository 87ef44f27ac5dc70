package sender_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// answering answers as it is told, and when; meanwhile the owner acts.
func answering(began chan<- struct{}, answer <-chan int) *farEnd {
	return &farEnd{answer: func(int, *http.Request) (*http.Response, error) {
		began <- struct{}{}
		return reply(<-answer), nil
	}}
}

// An attempt that began before its subscription was changed says nothing about the subscription as it is now.
func TestAnswerToAnOldPictureDisablesNothing(t *testing.T) {
	changes := map[string]func(t *testing.T, r *rig, id string){
		"moved": func(t *testing.T, r *rig, id string) {
			_, _, err := r.org.Move(t.Context(), id, "https://new.example.com/")
			require.NoError(t, err)
		},
		"moved with its secret": func(t *testing.T, r *rig, id string) {
			_, err := r.org.MoveWithSecret(t.Context(), id, "https://new.example.com/")
			require.NoError(t, err)
		},
		"secrets replaced": func(t *testing.T, r *rig, id string) {
			_, err := r.org.RotateSecret(t.Context(), id, sender.Rotation{})
			require.NoError(t, err)
		},
		"paused and resumed": func(t *testing.T, r *rig, id string) {
			require.NoError(t, r.org.Pause(t.Context(), id))
			require.NoError(t, r.org.Resume(t.Context(), id))
		},
	}
	contracts := map[string]struct {
		contract func() sender.Contract
		status   int
	}{
		"the endpoint wants no more":     {obedient, 410},
		"the last of a row of dead ones": {eagerlyDisabling, 401},
	}
	for name, change := range changes {
		for how, by := range contracts {
			if name == "paused and resumed" && by.status == 401 {
				continue // the dead letter comes after the resume, and counts; see the next test
			}
			t.Run(name+"; "+how, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					began, answer := make(chan struct{}), make(chan int)
					r := newRig(t, answering(began, answer), sender.Config{Contracts: []sender.Contract{by.contract()}})
					sub, _ := r.subscribe(t, "https://old.example.com/", "*")
					r.publish(t, contactCreated(t))
					<-began
					change(t, r, sub.ID)
					answer <- by.status
					synctest.Wait()
					require.Equal(t, sender.StateDead, r.only(t).State)
					require.Equal(t, sender.StatusActive, r.status(t, sub.ID))

					r.publish(t, contactCreated(t))
					<-began
					answer <- by.status
					synctest.Wait()
					require.Equal(t, sender.StatusDisabled, r.status(t, sub.ID), "what the new one answers counts")
				})
			})
		}
	}
}

// obedient is Kirim's contract with an endpoint's wish for no more.
func obedient() sender.Contract {
	c := sender.Kirim()
	c.Classify = func(sender.Result) sender.Verdict {
		return sender.Verdict{Judgement: sender.DeadAndDisable, Reason: "status 410"}
	}
	return c
}

// eagerlyDisabling is Kirim's contract with 1 instead of 24.
func eagerlyDisabling() sender.Contract {
	c := sender.Kirim()
	c.Disable = func(h sender.Health) bool { return h.ConsecutiveDead >= 1 }
	return c
}

// actingStore lets the owner act after an outcome was written, before the subscription is looked at.
type actingStore struct {
	sender.Store
	act func()
}

func (s *actingStore) Settle(ctx context.Context, outcomes []driver.Outcome) ([]driver.Settled, error) {
	settled, err := s.Store.Settle(ctx, outcomes)
	if act := s.act; act != nil {
		s.act = nil
		act()
	}
	return settled, err
}

// What the owner has forgiven between the last dead letter and its consequence stays forgiven.
func TestForgivenHealthDisablesNothing(t *testing.T) {
	for name, act := range map[string]func(o *sender.Org, id string){
		"resumed": func(o *sender.Org, id string) {
			_ = o.Pause(context.Background(), id)
			_ = o.Resume(context.Background(), id)
		},
		"moved": func(o *sender.Org, id string) {
			_, _, _ = o.Move(context.Background(), id, "https://new.example.com/")
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store := &actingStore{Store: memstore.New()}
				r := newRigOn(t, store, statuses(404), sender.Config{})
				sub, _ := r.subscribe(t, "https://old.example.com/", "*")
				for n := range 24 {
					if n == 23 {
						store.act = func() { act(r.org, sub.ID) }
					}
					r.publish(t, contactCreated(t))
					synctest.Wait()
				}
				require.Equal(t, sender.StatusActive, r.status(t, sub.ID))
				for range 23 {
					r.publish(t, contactCreated(t))
					synctest.Wait()
				}
				require.Equal(t, sender.StatusActive, r.status(t, sub.ID), "and the row begins anew")
				r.publish(t, contactCreated(t))
				synctest.Wait()
				require.Equal(t, sender.StatusDisabled, r.status(t, sub.ID))
			})
		})
	}
}
