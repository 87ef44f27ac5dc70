package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func each(t *testing.T, f func(t *testing.T, store string)) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) { f(t, open(t)) })
	}
}

const patience = 60 * time.Second

// Handlers take longer than a sender waits. The program is killed while they run, and started again: nothing is lost.
func TestKilledAndStartedAgain(t *testing.T) {
	each(t, func(t *testing.T, store string) {
		const n = 12
		slow := start(t, "-store", store, "-slow", "1h")
		for i := range n {
			require.Equal(t, 200, slow.send(fmt.Sprintf("evt_%d", i), "ctc_1"), "answered before it is handled")
		}
		require.NoError(t, slow.cmd.Process.Kill())
		require.Error(t, slow.wait())
		require.Empty(t, slow.ids)

		again := start(t, "-store", store)
		require.Equal(t, 200, again.send("evt_0", "ctc_1"), "a retry of what is stored")
		require.Eventually(t, func() bool {
			for i := range n {
				if again.printed(fmt.Sprintf("evt_%d", i)) != 1 {
					return false
				}
			}
			return true
		}, patience, 10*time.Millisecond, "each event once")
		again.terminate()
		require.Len(t, again.lanes, n)
	})
}

func TestLanesAndFailures(t *testing.T) {
	each(t, func(t *testing.T, store string) {
		p := start(t, "-store", store, "-lanes", "-fail", "1")
		for i := range 3 {
			require.Equal(t, 200, p.send(fmt.Sprintf("evt_%d", i), "ctc_1"))
		}
		require.Eventually(t, func() bool { return p.printed("evt_2") == 1 }, patience, 10*time.Millisecond)
		p.terminate()
		require.Equal(t, []string{"evt_0", "evt_1", "evt_2"}, p.lanes)
	})
}

// The dashboard has an address of its own: what the sender reaches shows nothing.
func TestDashboard(t *testing.T) {
	for changes, want := range map[bool]int{false: http.StatusForbidden, true: http.StatusConflict} {
		p := start(t, "-store", stores["sqlite"](t), "-slow", "1h", "-console", "127.0.0.1:0",
			fmt.Sprint("-console-changes=", changes))
		require.Equal(t, 200, p.send("evt_0", "ctc_1"))
		require.Eventually(t, func() bool {
			code, text := p.look(http.MethodGet, p.desk+"events?state=running")
			return code == 200 && strings.Contains(text, "evt_0")
		}, patience, 10*time.Millisecond)
		code, _ := p.look(http.MethodGet, strings.TrimSuffix(p.url, "/webhooks")+"/events")
		require.Equal(t, http.StatusNotFound, code)
		code, _ = p.look(http.MethodPost, p.desk+"events/1")
		require.Equal(t, want, code, "what runs cannot be cancelled")
	}
}

func environment(name string) string { return map[string]string{kirimVariable: secret}[name] }

func TestStartsOnlyProperly(t *testing.T) {
	file := stores["sqlite"](t)
	for name, c := range map[string]struct {
		args   []string
		getenv func(string) string
		code   int
		want   []string
	}{
		"no secret":  {nil, func(string) string { return "" }, 2, []string{kirimVariable, kirisanVariable}},
		"path":       {[]string{"-path", "webhooks"}, environment, 2, []string{"-path", "must begin with /"}},
		"fail":       {[]string{"-fail", "-1"}, environment, 2, []string{"-fail -1"}},
		"slow":       {[]string{"-slow", "-1s"}, environment, 2, []string{"-slow -1s"}},
		"argument":   {[]string{"start"}, environment, 2, []string{`"start"`}},
		"no store":   {[]string{"-store", "memory"}, environment, 2, []string{"-store", "sqlite:FILE"}},
		"no mysql":   {[]string{"-store", "mysql://u:hidden@h"}, environment, 2, []string{"mysql://user:password"}},
		"directory":  {[]string{"-store", "sqlite:/no/such/place"}, environment, 1, []string{"unable to open"}},
		"changes":    {[]string{"-console-changes"}, environment, 2, []string{"needs -console"}},
		"desk":       {[]string{"-console", "nowhere:x", "-store", file}, environment, 1, []string{"-console"}},
		"help":       {[]string{"-h"}, environment, 0, []string{kirimVariable, "-addr", "-path", "-store", "-lanes"}},
		"not a flag": {[]string{"-port", "1"}, environment, 2, []string{"-port", "see -h"}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, c.code, run(t.Context(), c.args, c.getenv, &stdout, &stderr))
			for _, text := range c.want {
				require.Contains(t, stderr.String(), text)
			}
			require.Empty(t, stdout.String())
			require.NotContains(t, stderr.String(), "listening")
			require.NotContains(t, stderr.String(), "hidden")
		})
	}
}
