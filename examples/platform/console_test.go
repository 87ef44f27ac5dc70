package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// page loads a page of the dashboard.
func (c *client) page(method, path string) (int, string) {
	r, err := http.NewRequest(method, c.base+path, nil)
	require.NoError(c.t, err)
	if c.org != "" {
		r.Header.Set("X-Org", c.org)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(c.t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err)
	return answer.StatusCode, string(text)
}

func TestConsoleShowsADeliveredEvent(t *testing.T) {
	far := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(far.Close)
	c := start(t, "-console-prefix", "/admin/hooks/")
	sub := c.data(201, "POST", "webhook_subscriptions", `{"url":"`+far.URL+`","events":["*"]}`)
	c.data(201, "POST", "events", `{"source":"kirim","type":"x","body":{"id":"evt_1","type":"x","data":{}}}`)
	c.await("delivered", "webhook_deliveries")
	for _, at := range []string{"/console", "/console/", "/admin/hooks", "/admin/hooks/"} {
		status, text := c.page("GET", at)
		require.Equal(t, 200, status)
		require.Contains(t, text, "Overview")
		status, text = c.page("GET", strings.TrimSuffix(at, "/")+"/logs?event=evt_1")
		require.Equal(t, 200, status)
		require.Contains(t, text, "Delivered")
		_, text = c.as("rival").page("GET", strings.TrimSuffix(at, "/")+"/logs")
		require.NotContains(t, text, "evt_1")
	}
	status, _ := c.page("POST", "/console/webhooks/"+sub["id"].(string)+"/pause")
	require.Equal(t, 403, status, "it is read-only")
	status, _ = c.page("GET", "/consoles")
	require.Equal(t, 404, status)
}

func TestConsoleChanges(t *testing.T) {
	c := start(t, "-console-changes")
	sub := c.data(201, "POST", "webhook_subscriptions", `{"url":"http://127.0.0.1:1/","events":["*"]}`)
	status, text := c.page("POST", "/console/webhooks/"+sub["id"].(string)+"/pause")
	require.Equal(t, 200, status)
	require.Contains(t, text, "Paused.")
}

func TestConsolePrefixes(t *testing.T) {
	for _, x := range []struct {
		prefix string
		want   []string
	}{
		{"", []string{"/console"}},
		{"/a/b/", []string{"/console", "/a/b"}},
		{"a", nil},
		{"/", nil},
		{"/v1/console", nil},
	} {
		got, err := parseConsoles(x.prefix)
		require.Equal(t, x.want, got, url.PathEscape(x.prefix))
		require.Equal(t, x.want == nil, err != nil)
	}
}
