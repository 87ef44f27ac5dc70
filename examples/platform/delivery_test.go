package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// verify reads a request as the other end does, and returns the event.
func verify(t *testing.T, r request, secret string) (ev receiver.Event) {
	t.Helper()
	keys := signature.NewKeyring(signature.NewSecret(secret))
	h, err := receiver.Handler(receiver.HandlerFunc(func(_ context.Context, got *receiver.Event) error {
		ev = *got
		return nil
	}), receiver.Config{Dialects: []receiver.Dialect{receiver.Kirim(keys), receiver.Kirisan(keys)}})
	require.NoError(t, err)
	in := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(r.body))
	in.Header = r.header.Clone()
	in.Header.Del("Accept-Encoding")
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, in)
	require.Equal(t, 200, answer.Code, answer.Body)
	return ev
}

func TestPublish(t *testing.T) { eachStore(t, testPublish) }

func testPublish(t *testing.T, store string) {
	c := start(t, "-store", store)
	h := newHook(t, 200)
	id, secret := c.subscribe(h.URL, `["contact.*"]`)
	// A body that no encoder would write like this.
	body := "{ \"id\":\"evt_1\",\t\"type\" : \"contact.created\",\r\n \"data\":{\"a\":1.50,\"a\":\"\\u0041<é>\\/\", \"b\":1e400} }"
	publication := "{\"source\":\"kirim\",\"type\":\"contact.created\",\"body\":\n " + body + "\n}\n"
	require.Equal(t, object{"id": "evt_1", "deliveries": 1.0, "duplicate": false},
		c.data(201, "POST", "events", publication))
	r := h.next(t)
	require.Equal(t, body, r.body)
	require.Equal(t, "evt_1", verify(t, r, secret).ID)
	require.Equal(t, "1", r.header.Get("X-Kirim-Attempt"))

	require.Equal(t, object{"id": "evt_1", "deliveries": 0.0, "duplicate": true},
		c.data(200, "POST", "events", publication))
	refusal := c.call(409, "POST", "events", strings.Replace(publication, "1.50", "1.5", 1))["error"].(object)
	require.Equal(t, object{"type": "conflict", "code": "conflict", "message": refusal["message"], "param": "id"}, refusal)

	require.Equal(t, 0.0, c.publish("evt_2", "message.created")["deliveries"], "nobody wants it")

	d := c.await("delivered", "webhook_deliveries")[0]
	require.Equal(t, []string{
		"attempt", "created_at", "event_id", "event_type", "finished_at", "id", "next_attempt_at", "object", "reason",
		"replayed_by", "replayed_from", "status", "subscription_id", "test",
	}, keys(d))
	require.Regexp(t, `^wbd_[0-9A-HJKMNP-TV-Z]{26}$`, d["id"])
	require.Equal(t, d["id"], r.header.Get("X-Kirim-Delivery-Id"))
	require.Equal(t, "webhook_delivery", d["object"])
	require.Equal(t, id, d["subscription_id"])
	require.Equal(t, "evt_1", d["event_id"])
	require.Equal(t, "contact.created", d["event_type"])
	require.Equal(t, 1.0, d["attempt"])

	one := c.data(200, "GET", "webhook_deliveries/"+d["id"].(string), "")
	attempts := objects(one["attempts"])
	require.Len(t, attempts, 1)
	require.Equal(t, []string{"at", "attempt", "duration_ms", "error_class", "response", "status_code"}, keys(attempts[0]))
	require.Equal(t, 200.0, attempts[0]["status_code"])
	delete(one, "attempts")
	require.Equal(t, d, one)
}

func TestPublishMeta(t *testing.T) { eachStore(t, testPublishMeta) }

func testPublishMeta(t *testing.T, store string) {
	c := start(t, "-store", store)
	h := newHook(t, 200)
	_, secret := c.subscribe(h.URL, `["message.received","message.edited"]`)
	body := `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"wamid.1"}]}}]}],"kirim":{"x":1}}`
	publication := `{"source":"meta","type":"message.received","body":` + body + `}`
	require.Equal(t, object{"id": "wamid.1", "deliveries": 1.0, "duplicate": false},
		c.data(201, "POST", "events", publication))
	require.Equal(t, object{"id": "wamid.1", "deliveries": 0.0, "duplicate": true},
		c.data(200, "POST", "events", strings.Replace(publication, `"x":1`, `"x":2`, 1)))
	r := h.next(t)
	require.Equal(t, body, r.body)
	require.Equal(t, "wamid.1", verify(t, r, secret).ID)

	// A body that shows no type of its own takes the one that it is given.
	c.data(201, "POST", "events", `{"source":"meta","type":"message.edited","body":{"entry":[{"changes":[{"field":"x"}]}]}}`)
	require.Equal(t, "message.edited", h.next(t).header.Get("X-Kirim-Event"))
}

func TestRetryThenDeadThenReplay(t *testing.T) { eachStore(t, testRetryThenDeadThenReplay) }

func testRetryThenDeadThenReplay(t *testing.T, store string) {
	c := start(t, "-store", store, "-schedule", "1ms,2ms")
	h := newHook(t, 503)
	id, secret := c.subscribe(h.URL, `["*"]`)
	c.publish("evt_1", "a.b")
	dead := c.await("dead", "webhook_deliveries")[0]
	require.Equal(t, 3.0, dead["attempt"])
	require.Equal(t, "exhausted: status 503", dead["reason"])
	require.NotNil(t, dead["finished_at"])
	for n := 1; n <= 3; n++ {
		require.Equal(t, fmt.Sprint(n), h.next(t).header.Get("X-Kirim-Attempt"))
	}

	h.answers(204)
	replayed := c.data(201, "POST", "webhook_deliveries/"+dead["id"].(string)+"/replay", "")
	require.Equal(t, object{"id": replayed["id"], "object": "webhook_delivery", "replayed_from": dead["id"],
		"status": "pending"}, replayed)
	require.NotEqual(t, dead["id"], replayed["id"])
	r := h.next(t)
	require.Equal(t, "1", r.header.Get("X-Kirim-Attempt"))
	require.Equal(t, replayed["id"], r.header.Get("X-Kirim-Delivery-Id"))
	require.Equal(t, "evt_1", verify(t, r, secret).ID)
	fresh := c.await("delivered", "webhook_deliveries?status=delivered")[0]
	require.Equal(t, dead["id"], fresh["replayed_from"])
	require.Equal(t, fresh["id"], c.data(200, "GET", "webhook_deliveries/"+dead["id"].(string), "")["replayed_by"])

	require.Len(t, c.list("webhook_deliveries?status=failed&subscription_id="+id), 1, "another word for dead")
}

func TestReplayOfUnfinished(t *testing.T) { eachStore(t, testReplayOfUnfinished) }

func testReplayOfUnfinished(t *testing.T, store string) {
	c := start(t, "-store", store, "-schedule", "1h")
	h := newHook(t, 503)
	c.subscribe(h.URL, `["*"]`)
	c.publish("evt_1", "a.b")
	h.next(t)
	d := c.list("webhook_deliveries")[0]
	refusal := c.call(409, "POST", "webhook_deliveries/"+d["id"].(string)+"/replay", `{}`)["error"].(object)
	require.Equal(t, "conflict", refusal["type"])
	require.Equal(t, "not_replayable", refusal["code"])
}

func TestPauseHolds(t *testing.T) { eachStore(t, testPauseHolds) }

func testPauseHolds(t *testing.T, store string) {
	c := start(t, "-store", store)
	h := newHook(t, 200)
	id, _ := c.subscribe(h.URL, `["*"]`)
	c.data(200, "PATCH", "webhook_subscriptions/"+id, `{"status":"paused"}`)
	require.Equal(t, 1.0, c.publish("evt_1", "a.b")["deliveries"])
	held := c.list("webhook_deliveries")[0]
	require.Equal(t, "held", held["status"])
	require.Equal(t, []any{}, c.data(200, "GET", "webhook_deliveries/"+held["id"].(string), "")["attempts"])
	require.Empty(t, h.got)
	c.data(200, "PATCH", "webhook_subscriptions/"+id, `{"status":"active"}`)
	h.next(t)
	c.await("delivered", "webhook_deliveries")
}

func TestDeliveryFiltersAndPages(t *testing.T) { eachStore(t, testDeliveryFiltersAndPages) }

func testDeliveryFiltersAndPages(t *testing.T, store string) {
	c := start(t, "-store", store)
	a, b := newHook(t, 200), newHook(t, 404)
	good, _ := c.subscribe(a.URL, `["a.b","c.d"]`)
	bad, _ := c.subscribe(b.URL, `["c.d"]`)
	for i := range 30 {
		c.publish(fmt.Sprintf("evt_a%d", i), "a.b")
	}
	for i := range 10 {
		c.publish(fmt.Sprintf("evt_c%d", i), "c.d")
	}
	require.Eventually(t, func() bool { return len(c.list("webhook_deliveries?status=pending")) == 0 }, patience,
		20*time.Millisecond)
	var all []object
	for path, pages := 0, "webhook_deliveries?limit=7"; ; path++ {
		page := c.call(200, "GET", pages, "")
		all = append(all, objects(page["data"])...)
		if page["has_more"] == false {
			require.Nil(t, page["next_cursor"])
			break
		}
		require.Len(t, page["data"], 7)
		pages = "webhook_deliveries?limit=7&cursor=" + page["next_cursor"].(string)
	}
	require.Len(t, all, 50)
	seen := map[any]bool{}
	for i, d := range all {
		seen[d["id"]] = true
		require.True(t, i == 0 || all[i-1]["created_at"].(string) >= "2", "newest first")
	}
	require.Len(t, seen, 50)
	require.Equal(t, "evt_a0", all[49]["event_id"], "newest first")

	middle := all[25]["created_at"].(string)
	for filter, n := range map[string]int{
		"":                                  25,
		"limit=100":                         50,
		"limit=1":                           1,
		"limit=100&event_type=a.b":          30,
		"event_type=c.d":                    20,
		"event_type=x":                      0,
		"status=dead":                       10,
		"limit=100&status=delivered":        40,
		"subscription_id=" + bad:            10,
		"limit=100&subscription_id=" + good: 40,
		"subscription_id=wbs_00000000000000000000000000":       0,
		"status=delivered&event_type=c.d":                      10,
		"created_after=2999-01-01T00:00:00Z":                   0,
		"limit=100&created_before=2999-01-01T00:00:00%2B07:00": 50,
		"limit=100&created_after=" + middle:                    26,
		"limit=100&created_before=" + middle:                   24,
	} {
		require.Len(t, c.list("webhook_deliveries?"+filter), n, filter)
	}
}

// A bulk replay takes 1000 deliveries at a time.
func TestBulkReplay(t *testing.T) { eachStore(t, testBulkReplay) }

func testBulkReplay(t *testing.T, store string) {
	c := start(t, "-store", store, "-contract", "kirisan")
	h := newHook(t, 200)
	id := c.data(201, "POST", "webhook_subscriptions",
		`{"url":`+quote(h.URL)+`,"events":["incoming_message"],"devices":["wa-1"]}`)["id"].(string)
	require.Equal(t, true, c.data(200, "POST", "webhook_subscriptions/"+id+"/test", "")["delivered"])
	h.next(t)
	h.answers(500)
	const n = 1003
	for i := range n {
		c.data(201, "POST", "events", fmt.Sprintf(`{"source":"kirisan","type":"incoming_message","body":{"event":"incoming_message","device":"wa-1","channel":"whatsapp","n":%d}}`, i))
	}
	for range n {
		h.next(t)
	}
	require.Eventually(t, func() bool { return len(c.list("webhook_deliveries?status=pending")) == 0 }, patience,
		20*time.Millisecond)
	h.answers(200)
	request := `{"subscription_id":` + quote(id) +
		`,"status":"failed","event_type":"incoming_message","created_after":"2020-01-01T00:00:00Z","created_before":"2999-01-01T00:00:00Z"`
	first := c.data(200, "POST", "webhook_deliveries/bulk_replay", request+`}`)
	require.Equal(t, object{"enqueued": 1000.0, "capped": true, "next_cursor": first["next_cursor"]}, first)
	second := c.data(200, "POST", "webhook_deliveries/bulk_replay",
		request+`,"cursor":`+quote(first["next_cursor"].(string))+`}`)
	require.Equal(t, object{"enqueued": 3.0, "capped": false}, second)
	bodies := map[string]bool{}
	for range n {
		bodies[h.next(t).body] = true
	}
	require.Len(t, bodies, n)

	none := c.data(200, "POST", "webhook_deliveries/bulk_replay",
		`{"subscription_id":`+quote(id)+`,"event_type":"submission"}`)
	require.Equal(t, object{"enqueued": 0.0, "capped": false}, none)
}
