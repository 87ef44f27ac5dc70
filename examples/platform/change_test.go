package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// waits publishes an event whose first attempt fails, and gives its delivery as soon as it waits for the next.
func (c *client) waits(h *hook, event string) (d object) {
	c.t.Helper()
	c.publish(event, "a.b")
	h.next(c.t)
	require.Eventually(c.t, func() bool {
		d = c.list("webhook_deliveries?limit=1")[0]
		return d["attempt"] == 1.0 && d["next_attempt_at"] != nil
	}, patience, 2*time.Millisecond)
	return d
}

func TestRetryNow(t *testing.T) { eachStore(t, testRetryNow) }

func testRetryNow(t *testing.T, store string) {
	c := start(t, "-store", store, "-schedule", "1h")
	h := newHook(t, 503)
	id, _ := c.subscribe(h.URL, `["*"]`)
	path := "webhook_deliveries/" + c.waits(h, "evt_1")["id"].(string)
	h.answers(200)
	now := c.data(200, "POST", path+"/retry", "")
	require.Equal(t, c.data(200, "GET", path, "")["id"], now["id"], "it stays the same delivery")
	require.Equal(t, "2", h.next(t).header.Get("X-Kirim-Attempt"))
	c.await("delivered", "webhook_deliveries")
	require.Equal(t, "not_waiting", c.refusal(409, "POST", path+"/retry", `{}`)["code"])

	h.answers(503)
	for i := range 3 {
		c.waits(h, fmt.Sprintf("evt_bulk%d", i))
	}
	h.answers(200)
	bulk := `{"subscription_id":` + quote(id) + `,"event_type":"a.b","status":"pending"}`
	require.Equal(t, object{"retried": 3.0, "capped": false}, c.data(200, "POST", "webhook_deliveries/bulk_retry", bulk))
	for range 3 {
		require.Equal(t, "2", h.next(t).header.Get("X-Kirim-Attempt"))
	}
	c.await("delivered", "webhook_deliveries")
	require.Equal(t, object{"retried": 0.0, "capped": false}, c.data(200, "POST", "webhook_deliveries/bulk_retry", bulk))
}

func TestCancel(t *testing.T) { eachStore(t, testCancel) }

func testCancel(t *testing.T, store string) {
	c := start(t, "-store", store, "-schedule", "1h")
	h := newHook(t, 503)
	id, _ := c.subscribe(h.URL, `["*"]`)
	path := "webhook_deliveries/" + c.waits(h, "evt_1")["id"].(string)
	over := c.data(200, "POST", path+"/cancel", "")
	require.Equal(t, "cancelled", over["status"])
	require.Equal(t, "cancelled by its owner", over["reason"])
	require.NotNil(t, over["finished_at"])
	require.Equal(t, "finished", c.refusal(409, "POST", path+"/cancel", `{}`)["code"])
	require.Equal(t, "not_waiting", c.refusal(409, "POST", path+"/retry", `{}`)["code"])

	c.waits(h, "evt_2")
	c.data(200, "PATCH", "webhook_subscriptions/"+id, `{"status":"paused"}`)
	c.publish("evt_3", "c.d")
	for _, x := range []struct {
		filter string
		ended  float64
	}{{`,"status":"pending"`, 0}, {`,"status":"held","event_type":"c.d"`, 1}, {``, 1}, {``, 0}} {
		got := c.data(200, "POST", "webhook_deliveries/bulk_cancel", `{"subscription_id":`+quote(id)+x.filter+`}`)
		require.Equal(t, object{"cancelled": x.ended, "ending": 0.0, "capped": false}, got, x.filter)
	}
	require.Len(t, c.await("cancelled", "webhook_deliveries"), 3)

	c.data(200, "PATCH", "webhook_subscriptions/"+id, `{"status":"active"}`)
	h.answers(200)
	fresh := c.data(201, "POST", path+"/replay", "")
	require.Equal(t, fresh["id"], c.data(200, "GET", path, "")["replayed_by"])
	require.Equal(t, fresh["id"], h.next(t).header.Get("X-Kirim-Delivery-Id"))
}

// What is in flight ends with its attempt.
func TestCancelInFlight(t *testing.T) { eachStore(t, testCancelInFlight) }

func testCancelInFlight(t *testing.T, store string) {
	c := start(t, "-store", store, "-schedule", "1ms")
	arrived, answer := make(chan bool), make(chan int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- true
		w.WriteHeader(<-answer)
	}))
	t.Cleanup(server.Close)
	id, _ := c.subscribe(server.URL, `["*"]`)
	for event, end := range map[string]struct {
		answer int
		status string
	}{"evt_1": {503, "cancelled"}, "evt_2": {200, "delivered"}} {
		c.publish(event, "a.b")
		<-arrived
		path := "webhook_deliveries/" + c.list("webhook_deliveries?limit=1")[0]["id"].(string)
		require.Equal(t, "not_waiting", c.refusal(409, "POST", path+"/retry", "")["code"])
		bulk := c.data(200, "POST", "webhook_deliveries/bulk_cancel", `{"subscription_id":`+quote(id)+`}`)
		require.Equal(t, object{"cancelled": 0.0, "ending": 1.0, "capped": false}, bulk)
		marked := c.data(200, "POST", path+"/cancel", "")
		require.Equal(t, "pending", marked["status"])
		require.Equal(t, "cancelled by its owner", marked["reason"])
		answer <- end.answer
		require.Equal(t, 1.0, c.await(end.status, "webhook_deliveries?limit=1")[0]["attempt"])
	}
}

// A call changes 1000 deliveries, and says where to go on.
func TestBulkCancelIsCapped(t *testing.T) { eachStore(t, testBulkCancelIsCapped) }

func testBulkCancelIsCapped(t *testing.T, store string) {
	c := start(t, "-store", store)
	id, _ := c.subscribe("http://127.0.0.1:1", `["*"]`)
	c.data(200, "PATCH", "webhook_subscriptions/"+id, `{"status":"paused"}`)
	for i := range maxBulk + 2 {
		c.publish(fmt.Sprintf("evt_%d", i), "a.b")
	}
	request := `{"subscription_id":` + quote(id)
	first := c.data(200, "POST", "webhook_deliveries/bulk_cancel", request+`}`)
	require.Equal(t, object{"cancelled": 1000.0, "ending": 0.0, "capped": true, "next_cursor": first["next_cursor"]},
		first)
	second := c.data(200, "POST", "webhook_deliveries/bulk_cancel",
		request+`,"cursor":`+quote(first["next_cursor"].(string))+`}`)
	require.Equal(t, object{"cancelled": 2.0, "ending": 0.0, "capped": false}, second)
}
