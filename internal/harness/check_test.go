package harness_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/harness"
	"github.com/kirimhooks/kirimhooks/sender"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return noon.Add(d) }

// sound is evidence of a run in which a good deal happened and all of it was right. Delivery d1 fails once and then
// succeeds, d2 is lost sight of and sent twice. One event of each kind of transaction was not acknowledged.
func sound() *harness.Evidence {
	delivered := func(id, event, sub string, attempts ...sender.Attempt) harness.History {
		last := attempts[len(attempts)-1]
		return harness.History{
			Delivery: sender.Delivery{
				ID: id, Org: "north", EventID: event, SubscriptionID: sub, State: sender.StateDelivered, Attempt: last.N,
				FinishedAt: last.At.Add(last.Duration),
			},
			Attempts: attempts,
		}
	}
	return &harness.Evidence{
		Rules: harness.Rules{Lease: 2 * time.Second, Waits: sender.Waits{time.Second, time.Second}, MaxLapses: 1,
			Tick: time.Millisecond},
		Subscriptions: []harness.Subscription{{Org: "north", ID: "all"}, {Org: "north", ID: "some", Prefix: "contact."},
			{Org: "south", ID: "other"}},
		Publications: []harness.Publication{
			{Org: "north", ID: "e1", Type: "conversation.opened", At: at(0), Accepted: true},
			{Org: "north", ID: "e2", Type: "conversation.opened", At: at(0), Accepted: true, Host: true},
			{Org: "north", ID: "e3", Type: "contact.created", At: at(0)},
			{Org: "north", ID: "e4", Type: "contact.created", At: at(0), Host: true, Withdrawn: true},
		},
		Orders: []string{"e2"},
		Claims: []harness.Claim{
			{Worker: "a", DeliveryID: "d1", Token: "1", Asked: at(0), Got: at(time.Millisecond),
				Settled: at(200 * time.Millisecond), Applied: true, Told: at(210 * time.Millisecond)},
			{Worker: "b", DeliveryID: "d1", Token: "2", Asked: at(1300 * time.Millisecond), Got: at(1300 * time.Millisecond),
				Settled: at(1500 * time.Millisecond), Applied: true, Ended: true, Told: at(1510 * time.Millisecond)},
			{Worker: "a", DeliveryID: "d2", Token: "1", Asked: at(0), Got: at(time.Millisecond)},
			{Worker: "b", DeliveryID: "d2", Token: "3", Asked: at(2 * time.Second), Got: at(2100 * time.Millisecond),
				Settled: at(2300 * time.Millisecond), Applied: true, Ended: true, Told: at(2310 * time.Millisecond)},
		},
		Requests: []harness.Request{
			{At: at(100 * time.Millisecond), Worker: "a", Subscription: "all", DeliveryID: "d1", EventID: "e1", Attempt: 1,
				Genuine: true, Status: 500},
			{At: at(1400 * time.Millisecond), Worker: "b", Subscription: "all", DeliveryID: "d1", EventID: "e1", Attempt: 2,
				Genuine: true, Status: 200},
			{At: at(100 * time.Millisecond), Worker: "a", Subscription: "all", DeliveryID: "d2", EventID: "e2", Attempt: 1,
				Genuine: true, Status: 200},
			{At: at(2200 * time.Millisecond), Worker: "b", Subscription: "all", DeliveryID: "d2", EventID: "e2", Attempt: 1,
				Genuine: true, Status: 200},
		},
		History: []harness.History{
			delivered("d1", "e1", "all",
				sender.Attempt{N: 1, At: at(100 * time.Millisecond), Duration: 100 * time.Millisecond, StatusCode: 500},
				sender.Attempt{N: 2, At: at(1400 * time.Millisecond), Duration: 100 * time.Millisecond, StatusCode: 200}),
			delivered("d2", "e2", "all",
				sender.Attempt{N: 1, At: at(2100 * time.Millisecond), ErrorClass: sender.ClassUnknown},
				sender.Attempt{N: 1, At: at(2200 * time.Millisecond), Duration: 100 * time.Millisecond, StatusCode: 200}),
		},
	}
}

func TestSoundEvidence(t *testing.T) {
	require.Empty(t, harness.Examine(sound()))
}

// TestPlantedViolations breaks one promise at a time.
func TestPlantedViolations(t *testing.T) {
	dead := func(e *harness.Evidence, reason string, attempts ...sender.Attempt) {
		h := &e.History[0]
		h.State, h.Reason, h.Attempts = sender.StateDead, reason, attempts
		h.Attempt = 0
		for _, a := range attempts {
			if a.ErrorClass != sender.ClassUnknown {
				h.Attempt = a.N
			}
		}
	}
	planted := map[string]bool{}
	for _, c := range []struct {
		name, check, text string
		plant             func(e *harness.Evidence)
	}{
		{"accepted event without a delivery", "nothing accepted is lost", "e1 was accepted and has no delivery",
			func(e *harness.Evidence) {
				e.History = e.History[1:]
			}},
		{"delivery never ended", "nothing accepted is lost", "still pending", func(e *harness.Evidence) {
			e.History[0].State = sender.StatePending
		}},
		{"delivered without success", "nothing accepted is lost", "no endpoint answered it with success",
			func(e *harness.Evidence) {
				e.Requests[1].Status = 0
			}},
		{"fan-out to one of two", "an event reaches all who want it or none", "e1 has deliveries, but none for some",
			func(e *harness.Evidence) {
				e.Publications[0].Type = "contact.created"
			}},
		{"unacknowledged fan-out to one of two", "an event reaches all who want it or none",
			"e3 has deliveries, but none for some", func(e *harness.Evidence) {
				e.History[0].EventID = "e3"
			}},
		{"two deliveries of one event", "an event reaches all who want it or none", "2 deliveries for all",
			func(e *harness.Evidence) {
				e.History = append(e.History, e.History[0])
			}},
		{"order without its event", "the order and its event are both there or neither",
			"order there: true, deliveries there: false", func(e *harness.Evidence) {
				e.History[1].EventID = "e1"
			}},
		{"event without its order", "the order and its event are both there or neither",
			"order there: false, deliveries there: true", func(e *harness.Evidence) {
				e.Orders = nil
			}},
		{"rolled back and there", "the order and its event are both there or neither", "rolled back and has deliveries",
			func(e *harness.Evidence) {
				e.History[0].EventID, e.Orders = "e4", append(e.Orders, "e4")
			}},
		{"refusal", "nothing is refused", "conflict", func(e *harness.Evidence) {
			e.Publications[2].Refused = "sender: conflict"
		}},
		{"request out of nowhere", "nothing unexpected is sent", "not in the log", func(e *harness.Evidence) {
			e.Requests[0].DeliveryID = "d9"
		}},
		{"wrong endpoint", "nothing unexpected is sent", "came to some", func(e *harness.Evidence) {
			e.Requests[0].Subscription = "some"
		}},
		{"wrong event", "nothing unexpected is sent", "with event e2", func(e *harness.Evidence) {
			e.Requests[0].EventID = "e2"
		}},
		{"forged body", "nothing unexpected is sent", "not what was published", func(e *harness.Evidence) {
			e.Requests[0].Genuine = false
		}},
		{"delivery of an unknown event", "nothing unexpected is stored", "nobody published", func(e *harness.Evidence) {
			e.Publications = e.Publications[1:]
		}},
		{"delivery to the wrong subscription", "nothing unexpected is stored", "does not want it", func(e *harness.Evidence) {
			e.History[0].SubscriptionID = "some"
		}},
		{"delivery to another tenant", "nothing unexpected is stored", "does not want it", func(e *harness.Evidence) {
			e.History[0].SubscriptionID = "other"
		}},
		{"repeat without a reason", "every request is in the log, and so every repeat explained", "2 requests, 1 in the log",
			func(e *harness.Evidence) {
				e.History[1].Attempts = e.History[1].Attempts[1:]
			}},
		{"request without a claim", "a claim is at most one request", "0 claims of delivery d1 and made 1",
			func(e *harness.Evidence) {
				e.Claims = e.Claims[1:]
			}},
		{"two requests with one claim", "a claim is at most one request", "1 claims of delivery d2 and made 2",
			func(e *harness.Evidence) {
				e.Requests[3].Worker = "a"
			}},
		{"answer that nobody gave", "no false success", "the endpoint gave 0", func(e *harness.Evidence) {
			e.Requests[0].Status = 503
		}},
		{"answer more often than given", "no false success", "2 answers of status 500, the endpoint gave 1",
			func(e *harness.Evidence) {
				e.History[0].Attempts = append(e.History[0].Attempts, e.History[0].Attempts[0])
			}},
		{"before it was published", "nothing before it is due", "arrived 100ms before it was published",
			func(e *harness.Evidence) {
				e.Publications[0].At = at(200 * time.Millisecond)
			}},
		{"before its wait was over", "nothing before it is due", "arrived 20ms before it was due", func(e *harness.Evidence) {
			e.Requests[1].At = at(1180 * time.Millisecond)
		}},
		{"two live claims", "at most one live claim", "a and b held it at once", func(e *harness.Evidence) {
			e.Claims[3].Got, e.Claims[3].Asked = at(1900*time.Millisecond), at(1900*time.Millisecond)
		}},
		{"token used twice", "at most one live claim", "token 1 was given to a and to b", func(e *harness.Evidence) {
			e.Claims[3].Token = "1"
		}},
		{"claimed while paused", "what is paused is not claimed", "claimed 100ms after its subscription all had been paused",
			func(e *harness.Evidence) {
				e.Pauses = []harness.Pause{{"all", at(1200 * time.Millisecond), at(1400 * time.Millisecond)}}
			}},
		{"stale outcome that applied", "a stale token changes nothing",
			"the outcome of a applied 2.9s after b had taken over", func(e *harness.Evidence) {
				e.Claims[2].Settled, e.Claims[2].Applied = at(5*time.Second), true
			}},
		{"claimed although it had ended", "terminal is terminal", "claimed by b 1.09s after a had been told that it ended",
			func(e *harness.Evidence) {
				e.Claims[0].Ended = true
			}},
		{"claimed after the end", "terminal is terminal", "had ended", func(e *harness.Evidence) {
			e.History[1].FinishedAt = at(1900 * time.Millisecond)
		}},
		{"more attempts than the schedule has", "the budget is kept", "made 4 attempts", func(e *harness.Evidence) {
			e.History[0].Attempt = 4
		}},
		{"attempt beyond the schedule in the log", "the budget is kept", "numbered 4", func(e *harness.Evidence) {
			e.History[0].Attempts = append(e.History[0].Attempts, sender.Attempt{N: 4, ErrorClass: sender.ClassUnknown})
		}},
		{"number left out", "the budget is kept", "number 1 is not in the log", func(e *harness.Evidence) {
			e.History[0].Attempts = e.History[0].Attempts[1:]
		}},
		{"dead before its last attempt", "nothing dies without a cause", `died of "exhausted: status 500"`,
			func(e *harness.Evidence) {
				dead(e, "exhausted: status 500", sender.Attempt{N: 1, StatusCode: 500})
			}},
		{"dead of too few lapses", "nothing dies without a cause", `died of "crash_loop"`, func(e *harness.Evidence) {
			dead(e, "crash_loop", sender.Attempt{N: 1, ErrorClass: sender.ClassUnknown})
		}},
		{"dead of a final answer that was none", "nothing dies without a cause", `died of "status 429"`,
			func(e *harness.Evidence) {
				dead(e, "status 429", sender.Attempt{N: 1, StatusCode: 429})
			}},
		{"cancelled", "nothing dies without a cause", "no subscription was removed", func(e *harness.Evidence) {
			e.History[0].State = sender.StateCancelled
		}},
	} {
		planted[c.check] = true
		t.Run(c.name, func(t *testing.T) {
			e := sound()
			c.plant(e)
			found := false
			for _, v := range harness.Examine(e) {
				found = found || v.Check == c.check && strings.Contains(v.Text, c.text)
			}
			require.True(t, found, "%v", harness.Examine(e))
		})
	}
	for _, c := range harness.Checks() {
		require.True(t, planted[c.Name], "nothing shows that this check can fail: %s", c.Name)
	}
}

// TestExplainedEvidence holds what looks bad and has a cause.
func TestExplainedEvidence(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(e *harness.Evidence)
	}{
		{"stored whole, nobody told", func(e *harness.Evidence) {
			e.Publications[0].Accepted = false
		}},
		{"settled twice: the stale outcome stays in the log", func(e *harness.Evidence) {
			e.Claims[2].Settled = at(5 * time.Second)
			e.History[1].Attempts = append(e.History[1].Attempts, sender.Attempt{N: 1, At: at(5 * time.Second), StatusCode: 200})
		}},
		{"stale worker sends after the end", func(e *harness.Evidence) {
			e.Requests[2].At = at(5 * time.Second)
			e.History[1].Attempts = append(e.History[1].Attempts,
				sender.Attempt{N: 1, At: at(6 * time.Second), ErrorClass: sender.ClassConnect})
		}},
		{"lease lost with the reply: no request, no claim", func(e *harness.Evidence) {
			e.Claims, e.Requests = append(e.Claims[:2:2], e.Claims[3]), append(e.Requests[:2:2], e.Requests[3])
		}},
		{"paused between the call and the reply, or between two claims", func(e *harness.Evidence) {
			e.Pauses = []harness.Pause{{"all", at(100 * time.Millisecond), at(1200 * time.Millisecond)},
				{"all", at(1300 * time.Millisecond), at(1400 * time.Millisecond)}}
		}},
		{"the reply to a claim came late", func(e *harness.Evidence) {
			e.Claims[2].Got = at(time.Minute)
		}},
		{"dead of a final answer", func(e *harness.Evidence) {
			h := &e.History[0]
			h.State, h.Reason = sender.StateDead, "status 410"
			h.Attempts[1].StatusCode, e.Requests[1].Status = 410, 410
		}},
		{"dead of crashes", func(e *harness.Evidence) {
			h := &e.History[1]
			h.State, h.Reason, h.Attempt = sender.StateDead, "crash_loop", 0
			h.Attempts = []sender.Attempt{{N: 1, ErrorClass: sender.ClassUnknown}, {N: 1, ErrorClass: sender.ClassUnknown}}
		}},
		{"a replay", func(e *harness.Evidence) {
			replay := e.History[0]
			replay.ID, replay.ReplayedFrom, replay.Attempts = "d3", "d1", nil
			replay.State, replay.Reason, replay.Attempt = sender.StateDead, "crash_loop", 0
			replay.Attempts = []sender.Attempt{{N: 1, ErrorClass: sender.ClassUnknown}, {N: 1, ErrorClass: sender.ClassUnknown}}
			e.History = append(e.History, replay)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := sound()
			c.plant(e)
			require.Empty(t, harness.Examine(e))
		})
	}
}
