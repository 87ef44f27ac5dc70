package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const unknownID = "_00000000000000000000000000"

// refusal calls what must be refused, and returns the error object after a look at its shape.
func (c *client) refusal(want int, method, path, body string) object {
	c.t.Helper()
	answer := c.call(want, method, path, body)
	require.Equal(c.t, []string{"error"}, keys(answer))
	e := answer["error"].(object)
	require.Equal(c.t, []string{"code", "message", "param", "type"}, keys(e))
	require.NotEmpty(c.t, e["message"])
	require.NotContains(c.t, e["message"], "sender:")
	require.NotContains(c.t, e["message"], "egress:")
	return e
}

func TestBadInput(t *testing.T) { eachStore(t, testBadInput) }

func testBadInput(t *testing.T, store string) {
	c := start(t, "-store", store)
	id, _ := c.subscribe("https://a.example/x", `["a.b"]`)
	const create, events, deliveries, bulk = "POST webhook_subscriptions", "POST events", "GET webhook_deliveries",
		"POST webhook_deliveries/bulk_replay"
	patch, secrets := "PATCH webhook_subscriptions/"+id, "POST webhook_subscriptions/"+id+"/secrets"
	long := strings.Repeat("x", 2048)
	for _, x := range []struct {
		call, body  string
		code, param string
	}{
		{create, ``, "missing_parameter", "url"},
		{create, `null`, "invalid_json", "body"},
		{create, `[]`, "invalid_json", "body"},
		{create, `{`, "invalid_json", "body"},
		{create, `{"url":"https://a.example","events":["a"],}`, "invalid_json", "body"},
		{create, `{"url":"https://a.example","events":["a"]} {}`, "invalid_json", "body"},
		{create, `{"url" "x"}`, "invalid_json", "body"},
		{create, `{"url":"https://a.example","events":["a"],"Url":"https://b.example"}`, "unknown_parameter", "Url"},
		{create, `{"url":"https://a.example","events":["a"],"url":"https://b.example"}`, "unknown_parameter", "url"},
		{create, `{"url":"https://a.example","events":["a"],"status":"active"}`, "unknown_parameter", "status"},
		{create, `{"url":7,"events":["a"]}`, "invalid_request", "url"},
		{create, `{"url":"https://a.example"}`, "invalid_request", "events"},
		{create, `{"url":"https://a.example","events":[]}`, "invalid_request", "events"},
		{create, `{"url":"https://a.example","events":"a"}`, "invalid_request", "events"},
		{create, `{"url":"https://a.example","events":["a",1]}`, "invalid_request", "events"},
		{create, `{"url":"https://a.example","events":["a\tb"]}`, "invalid_request", "events"},
		{create, `{"url":"https://a.example","events":["a","a"]}`, "invalid_request", "events"},
		{create, `{"url":"https://a.example","events":["a"],"devices":["wa-1"]}`, "invalid_request", "devices"},
		{create, `{"url":"https://a.example","events":["a"],"devices":[{"ID":1}]}`, "invalid_request", "devices"},
		{create, `{"url":"https://a.example","events":["a"],"devices":[{"id":"a","line":"b"}]}`, "invalid_request",
			"devices"},
		{create, `{"url":"https://a.example","events":["a"],"description":"` + long + `"}`, "invalid_request", "description"},
		{create, `{"url":"https://a.example","events":["a"],"description":"\u0000"}`, "invalid_request", "description"},
		{create, `{"url":"https://a.example","events":["a"],"secret":"short"}`, "invalid_request", "secret"},
		{create, `{"url":"https://a.example","events":["a"],"contract":"kirisan"}`, "invalid_request", "contract"},
		{create, `{"url":"ftp://a.example","events":["a"]}`, "invalid_webhook_url", "url"},
		{create, `{"url":"https://u:p@a.example","events":["a"]}`, "invalid_webhook_url", "url"},
		{create, `{"url":"https://a.example/#f","events":["a"]}`, "invalid_webhook_url", "url"},
		{create, `{"url":"http://169.254.169.254/latest","events":["a"]}`, "invalid_webhook_url", "url"},
		{create, `{"url":"https://0x7f.1/","events":["a"]}`, "invalid_webhook_url", "url"},
		{create, `{"url":"https://a.example/` + long + `","events":["a"]}`, "invalid_webhook_url", "url"},

		{patch, `{"url":"ftp://a.example"}`, "invalid_webhook_url", "url"},
		{patch, `{"url":"https://b.example"}`, "host_changed", "url"},
		{patch, `{"events":[]}`, "invalid_request", "events"},
		{patch, `{"status":"disabled"}`, "invalid_request", "status"},
		{patch, `{"status":1}`, "invalid_request", "status"},
		{patch, `{"secret":"keep"}`, "invalid_request", "secret"},
		{patch, `{"secret":"lose","url":"https://b.example"}`, "invalid_request", "secret"},
		{patch, `{"secret":"keep","url":"https://b.example","events":["a"]}`, "invalid_request", "secret"},
		{patch, `{"id":"wbs_x"}`, "unknown_parameter", "id"},

		{secrets, `{"expires_in_hours":-1}`, "invalid_request", "expires_in_hours"},
		{secrets, `{"expires_in_hours":720.1}`, "invalid_request", "expires_in_hours"},
		{secrets, `{"expires_in_hours":1e300}`, "invalid_request", "expires_in_hours"},
		{secrets, `{"expires_in_hours":"24"}`, "invalid_request", "expires_in_hours"},
		{secrets, `{"secret":"short"}`, "invalid_request", "secret"},
		{"POST webhook_subscriptions/" + id + "/test", `{"type":"no.sample"}`, "invalid_request", "type"},

		{events, `not JSON`, "invalid_json", "body"},
		{events, `{"source":"kirim","type":"a.b","body":{"id":"e","type":"a.b"`, "invalid_json", "body"},
		{events, `{"type":"a.b","body":{"id":"e","type":"a.b"}}`, "missing_parameter", "source"},
		{events, `{"source":"kirim","body":{"id":"e","type":"a.b"}}`, "missing_parameter", "type"},
		{events, `{"source":"kirim","type":"","body":{"id":"e","type":"a.b"}}`, "missing_parameter", "type"},
		{events, `{"source":"kirim","type":"a.b"}`, "missing_parameter", "body"},
		{events, `{"source":"kirisan","type":"incoming_message","body":{}}`, "unknown_source", "source"},
		{events, `{"source":"standard","type":"a.b","body":{"type":"a.b"}}`, "unknown_source", "source"},
		{events, `{"source":"kirim","type":"a.b","body":null}`, "invalid_request", "body"},
		{events, `{"source":"kirim","type":"a.b","body":"not JSON"}`, "invalid_request", "body"},
		{events, `{"source":"kirim","type":"a.b","body":{"type":"a.b"}}`, "invalid_request", "body"},
		{events, `{"source":"kirim","type":"a.c","body":{"id":"e","type":"a.b"}}`, "invalid_request", "type"},
		{events, `{"source":"kirim","type":"a.b","id":"f","body":{"id":"e","type":"a.b"}}`, "invalid_request", "id"},
		{events, `{"source":"kirim","type":"a\tb","body":{"id":"e","type":"a\tb"}}`, "invalid_request", "type"},
		{events, `{"source":"kirim","type":"a.b","device":"\u0000","body":{"id":"e","type":"a.b"}}`, "invalid_request",
			"device"},
		{events, `{"source":"kirim","type":"a.b","channel":"é","body":{"id":"e","type":"a.b"}}`, "invalid_request",
			"channel"},
		{events, `{"source":"meta","type":"message.status","body":{"entry":[{"changes":[{"value":{"messages":[{"id":"w"}]}}]}]}}`, "invalid_request", "type"},
		{events, `{"source":"meta","type":"message.received","id":"v","body":{"entry":[{"changes":[{"value":{"messages":[{"id":"w"}]}}]}]}}`, "invalid_request", "id"},
		{events, `{"source":"kirim","type":"` + strings.Repeat("a.", 63) + `b","body":{"id":"e","type":"` +
			strings.Repeat("a.", 63) + `b"}}`, "invalid_request", "type"},

		{"GET webhook_subscriptions?limit=0", ``, "invalid_request", "limit"},
		{"GET webhook_subscriptions?limit=101", ``, "invalid_request", "limit"},
		{"GET webhook_subscriptions?limit=x", ``, "invalid_request", "limit"},
		{"GET webhook_subscriptions?limit=1&limit=2", ``, "invalid_request", "limit"},
		{"GET webhook_subscriptions?cursor=x", ``, "invalid_request", "cursor"},
		{"GET webhook_subscriptions?status=active", ``, "unknown_parameter", "status"},
		{"GET webhook_subscriptions?%zz", ``, "invalid_request", "query"},
		{deliveries + "?limit=", ``, "invalid_request", "limit"},
		{deliveries + "?cursor=wbs" + unknownID, ``, "invalid_request", "cursor"},
		{deliveries + "?cursor=wbd" + unknownID, ``, "invalid_request", "cursor"},
		{deliveries + "?subscription_id=x", ``, "invalid_request", "subscription_id"},
		{deliveries + "?status=lost", ``, "invalid_request", "status"},
		{deliveries + "?event_type=%00", ``, "invalid_request", "event_type"},
		{deliveries + "?created_after=yesterday", ``, "invalid_request", "created_after"},
		{deliveries + "?created_before=2026-07-01T00:00:00+07:00", ``, "invalid_request", "created_before"},
		{deliveries + "?state=dead", ``, "unknown_parameter", "state"},

		{bulk, ``, "missing_parameter", "subscription_id"},
		{bulk, `{"subscription_id":"x"}`, "invalid_request", "subscription_id"},
		{bulk, `{"subscription_id":"` + id + `","status":"delivered"}`, "invalid_request", "status"},
		{bulk, `{"subscription_id":"` + id + `","created_after":"x"}`, "invalid_request", "created_after"},
		{bulk, `{"subscription_id":"` + id + `","created_before":"x"}`, "invalid_request", "created_before"},
		{bulk, `{"subscription_id":"` + id + `","cursor":"x"}`, "invalid_request", "cursor"},
		{bulk, `{"subscription_id":"` + id + `","cursor":"wbd` + unknownID + `"}`, "invalid_request", "cursor"},
		{bulk, `{"subscription_id":"` + id + `","limit":1}`, "unknown_parameter", "limit"},
		{"POST webhook_deliveries/bulk_retry", `{"subscription_id":"` + id + `","status":"dead"}`, "invalid_request",
			"status"},
		{"POST webhook_deliveries/bulk_cancel", `{"subscription_id":"` + id + `","status":"delivered"}`, "invalid_request",
			"status"},
		{"POST webhook_deliveries/bulk_cancel", `{}`, "missing_parameter", "subscription_id"},
	} {
		method, path, _ := strings.Cut(x.call, " ")
		e := c.refusal(400, method, path, x.body)
		require.Equal(t, object{"type": "invalid_request_error", "code": x.code, "param": x.param, "message": e["message"]},
			e, "%s %.200s", x.call, x.body)
		require.NotContains(t, e["message"], "u:p")
	}
	require.Len(t, c.list("webhook_subscriptions"), 1, "nothing was made")
	require.Empty(t, c.list("webhook_deliveries"))
}

func TestTooLarge(t *testing.T) { eachStore(t, testTooLarge) }

func testTooLarge(t *testing.T, store string) {
	c := start(t, "-store", store)
	for _, n := range []int{4 << 20, 4<<20 + 64<<10, 12 << 20} {
		body := `{"id":"evt_1","type":"a.b","data":"` + strings.Repeat("x", n) + `"}`
		require.Equal(t, "too_large", c.refusal(413, "POST", "events",
			`{"source":"kirim","type":"a.b","body":`+body+`}`)["code"])
	}
	// The largest one that fits.
	const frame = len(`{"id":"evt_1","type":"a.b","data":""}`)
	c.data(201, "POST", "events", `{"source":"kirim","type":"a.b","body":{"id":"evt_1","type":"a.b","data":"`+
		strings.Repeat("x", 4<<20-frame)+`"}}`)
}

func TestUnknownObjects(t *testing.T) { eachStore(t, testUnknownObjects) }

func testUnknownObjects(t *testing.T, store string) {
	c := start(t, "-store", store)
	for _, id := range []string{unknownID, "_x", "_0000000000000000000000000o", "%2Fx", "_%00"} {
		for _, call := range []string{
			"GET webhook_subscriptions/wbs", "PATCH webhook_subscriptions/wbs", "DELETE webhook_subscriptions/wbs",
			"GET webhook_deliveries/wbd",
		} {
			method, path, _ := strings.Cut(call, " ")
			require.Equal(t, "not_found", c.refusal(404, method, path+id, `{}`)["type"], call)
		}
		for _, path := range []string{"webhook_subscriptions/wbs" + id + "/secrets",
			"webhook_subscriptions/wbs" + id + "/test", "webhook_deliveries/wbd" + id + "/replay",
			"webhook_deliveries/wbd" + id + "/retry", "webhook_deliveries/wbd" + id + "/cancel"} {
			require.Equal(t, "not_found", c.refusal(404, "POST", path, ``)["code"], path)
		}
	}
	c.refusal(404, "PATCH", "webhook_subscriptions/wbs"+unknownID, `{"status":"paused","url":"https://b.example"}`)
	for _, bulk := range []string{"bulk_replay", "bulk_retry", "bulk_cancel"} {
		c.refusal(404, "POST", "webhook_deliveries/"+bulk, `{"subscription_id":"wbs`+unknownID+`"}`)
	}
}

func TestTenants(t *testing.T) { eachStore(t, testTenants) }

func testTenants(t *testing.T, store string) {
	c := start(t, "-store", store)
	h := newHook(t, 404)
	acme, other := c.as("acme"), c.as("other")
	id, _ := acme.subscribe(h.URL, `["*"]`)
	acme.publish("evt_1", "a.b")
	d := acme.await("dead", "webhook_deliveries")[0]["id"].(string)

	require.Empty(t, other.list("webhook_subscriptions"))
	require.Empty(t, other.list("webhook_deliveries"))
	require.Empty(t, other.list("webhook_deliveries?subscription_id="+id))
	for call, body := range map[string]string{
		"GET webhook_subscriptions/" + id:               "",
		"PATCH webhook_subscriptions/" + id:             `{"status":"paused"}`,
		"DELETE webhook_subscriptions/" + id:            "",
		"POST webhook_subscriptions/" + id + "/test":    "",
		"POST webhook_subscriptions/" + id + "/secrets": "",
		"GET webhook_deliveries/" + d:                   "",
		"POST webhook_deliveries/" + d + "/replay":      "",
		"POST webhook_deliveries/" + d + "/retry":       "",
		"POST webhook_deliveries/" + d + "/cancel":      "",
		"POST webhook_deliveries/bulk_replay":           `{"subscription_id":"` + id + `"}`,
		"POST webhook_deliveries/bulk_retry":            `{"subscription_id":"` + id + `"}`,
		"POST webhook_deliveries/bulk_cancel":           `{"subscription_id":"` + id + `"}`,
	} {
		method, path, _ := strings.Cut(call, " ")
		foreign := other.refusal(404, method, path, body)
		none := strings.NewReplacer(id, "wbs"+unknownID, d, "wbd"+unknownID)
		require.Equal(t, foreign, other.refusal(404, method, none.Replace(path), none.Replace(body)), call)
	}
	_, text := other.send("GET", "webhook_deliveries?cursor="+d, "")
	require.NotContains(t, text, "wbd_")
	require.Equal(t, "active", acme.data(200, "GET", "webhook_subscriptions/"+id, "")["status"])

	require.Equal(t, 0.0, other.publish("evt_1", "a.b")["deliveries"], "ids of one org do not touch those of another")
	require.Equal(t, 0.0, c.publish("evt_1", "a.b")["deliveries"], "no header means the org default")
	c.as("default").data(200, "POST", "events", `{"source":"kirim","type":"a.b","body":`+native("evt_1", "a.b")+`}`)
	for _, org := range []string{"two words", strings.Repeat("x", 256), "\xff"} {
		require.Equal(t, "X-Org", c.as(org).refusal(400, "GET", "webhook_subscriptions", "")["param"])
	}
}

func TestOrgTwice(t *testing.T) {
	r, err := http.NewRequest("GET", start(t).base+"/v1/webhook_subscriptions", nil)
	require.NoError(t, err)
	r.Header["X-Org"] = []string{"acme", "other"}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, 400, answer.StatusCode)
}

func TestRoutes(t *testing.T) {
	c := start(t)
	for _, path := range []string{"", "x", "events/", "events/x", "webhook_subscriptions/", "webhook_subscriptions//x",
		"../v1/events", "./events", "webhook_deliveries/a/b", "webhook_subscriptions/a/test/b"} {
		require.Equal(t, object{"type": "not_found", "code": "unknown_route", "message": "there is no such route",
			"param": nil}, c.refusal(404, "POST", path, `{}`), path)
	}
	for path, allow := range map[string]string{
		"webhook_subscriptions": "GET, POST", "webhook_subscriptions/x": "DELETE, GET, PATCH",
		"webhook_subscriptions/x/test": "POST",
		"webhook_deliveries":           "GET", "webhook_deliveries/x": "GET", "webhook_deliveries/bulk_replay": "POST",
		"webhook_deliveries/x/cancel": "POST", "events": "POST",
	} {
		r, err := http.NewRequest("PUT", c.base+"/v1/"+path, nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, 405, answer.StatusCode)
		require.Equal(t, allow, answer.Header.Get("Allow"))
		require.Contains(t, string(text), `{"error":{"type":"invalid_request_error","code":"method_not_allowed","message":"`)
	}
	answer, err := http.Head(c.base + "/v1/webhook_subscriptions")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, 200, answer.StatusCode)
	require.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
}

// A page that a browser shows cannot publish.
func TestOtherSites(t *testing.T) {
	c := start(t)
	r, err := http.NewRequest("POST", c.base+"/v1/events", strings.NewReader(`{}`))
	require.NoError(t, err)
	r.Header.Set("Origin", "https://evil.example")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	var e object
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&e))
	require.NoError(t, answer.Body.Close())
	require.Equal(t, 403, answer.StatusCode)
	require.Equal(t, "cross_origin", e["error"].(object)["code"])
}

func TestPrivateURLsWithoutTheFlag(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:1/", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/",
		"https://a.example:8443/", "http://a.example/", "http://localhost:1/"} {
		for flag, want := range map[string]int{"-allow-private=true": 201, "-allow-private=false": 400} {
			c := start(t, flag)
			status, text := c.send("POST", "webhook_subscriptions", `{"url":`+quote(address)+`,"events":["a"]}`)
			require.Equal(t, want, status, text)
		}
	}
}
