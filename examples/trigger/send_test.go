package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/samples"
)

func TestAttempts(t *testing.T) {
	for name, c := range map[string]struct {
		args     []string
		statuses []int
		states   string
		code     int
	}{
		"one":          {nil, []int{500}, "dead", 1},
		"list and one": {[]string{"-schedule", "1ms,1ms"}, []int{500}, "pending pending dead", 1},
		"capped": {[]string{"-schedule", "1ms,1ms,1h", "-attempts", "3"}, []int{500}, "pending pending dead",
			1},
		"last wait repeats": {[]string{"-schedule", "1ms", "-attempts", "4"}, []int{500},
			"pending pending pending dead", 1},
		"no more than needed":    {[]string{"-schedule", "1ms", "-attempts", "4"}, []int{500, 200}, "pending delivered", 0},
		"ended by the endpoint":  {[]string{"-schedule", "1ms,1ms"}, []int{500, 422}, "pending dead", 1},
		"redirects not followed": {[]string{"-schedule", "1ms"}, []int{302, 200}, "pending delivered", 0},
		"any success":            {nil, []int{299}, "delivered", 0},
		"a test has one":         {[]string{"-schedule", "1ms", "-live=false"}, []int{500}, "dead", 1},
		"kirisan has one": {[]string{"-schedule", "1ms", "-attempts", "3", "-dialect", "kirisan"}, []int{500}, "dead",
			1},
		"kirisan: 201 is success": {[]string{"-dialect", "kirisan"}, []int{201}, "delivered", 0},
		"kirisan: 202 is not":     {[]string{"-dialect", "kirisan"}, []int{202}, "dead", 1},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, c.statuses...)
			code, printed, _ := fire(t, append(c.args, "-url", e.URL, "-secret", newSecret)...)
			require.Equal(t, c.code, code)
			var states []string
			for i, l := range printed {
				states = append(states, string(l.State))
				require.Equal(t, i+1, l.N)
			}
			require.Equal(t, c.states, strings.Join(states, " "))
			require.Len(t, e.got(), len(states))
		})
	}
}

func TestNothingListens(t *testing.T) {
	e := newEndpoint(t, 200)
	e.Close()
	code, printed, _ := fire(t, "-url", e.URL, "-secret", newSecret)
	require.Equal(t, 1, code)
	require.Equal(t, 0, printed[0].Status)
	require.Equal(t, "connect", printed[0].Class)
}

// A name may mean the loopback: it is judged when it is dialled.
func TestLocalhost(t *testing.T) {
	e := newEndpoint(t, 200)
	code, _, stderr := fire(t, "-url", strings.Replace(e.URL, "127.0.0.1", "localhost", 1), "-secret", newSecret)
	require.Zero(t, code, stderr)
}

func TestCount(t *testing.T) {
	for name, args := range map[string][]string{
		"kirim":         {"-event", "contact.updated"},
		"kirim, tests":  {"-event", "contact.updated", "-live=false"},
		"meta":          {"-event", "message.status"},
		"kirisan":       {"-dialect", "kirisan"},
		"kirisan tests": {"-dialect", "kirisan", "-live=false"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, 200)
			code, printed, stderr := fire(t, append(args, "-url", e.URL, "-secret", newSecret, "-count", "40", "-concurrency",
				"7")...)
			require.Zero(t, code, stderr)
			require.Len(t, e.got(), 40)
			ids := map[string]bool{}
			for _, l := range printed {
				ids[l.EventID] = true
			}
			require.Len(t, ids, 40)
		})
	}
}

// More failures than would disable a subscription are all tried.
func TestAllFail(t *testing.T) {
	e := newEndpoint(t, 404)
	code, printed, stderr := fire(t, "-url", e.URL, "-secret", newSecret, "-count", "60", "-concurrency", "3")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "0 of 60 delivered")
	require.Len(t, printed, 60)
}

// After a slow start the sender makes as many attempts at once as it was told, never more.
func TestConcurrency(t *testing.T) {
	for name, c := range map[string]struct {
		most int
		args []string
	}{
		"one by one": {1, nil},
		"live":       {100, []string{"-concurrency", "100"}},
		"tests":      {100, []string{"-concurrency", "100", "-live=false"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newCrowd(t, 400, c.most)
			code, printed, stderr := fire(t, append(c.args, "-url", e.URL, "-secret", newSecret, "-count", "800")...)
			require.Zero(t, code, stderr)
			require.Len(t, printed, 800)
			require.Equal(t, c.most, e.most)
		})
	}
}

// Copies of one event have a subscription each; no more of them are under way at once either.
func TestConcurrencyOfCopies(t *testing.T) {
	body, ok := samples.Body(envelope.Meta, "message.received", "")
	require.True(t, ok)
	e := newCrowd(t, 0, 2)
	code, printed, stderr := fire(t, "-url", e.URL, "-secret", newSecret, "-file", file(t, string(body)), "-count", "200",
		"-concurrency", "10")
	require.Zero(t, code, stderr)
	require.Len(t, printed, 200)
	require.LessOrEqual(t, e.most, 10)
	require.Greater(t, e.most, 1)
	require.Equal(t, 10, workers(options{concurrency: 10}, source{same: true}), "nothing else bounds their retries")
}

// Told to end, it does not wait for the next attempt.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		cancel()
	}))
	t.Cleanup(e.Close)
	var out, errs bytes.Buffer
	require.Equal(t, 1, run(ctx, []string{"-url", e.URL, "-secret", newSecret, "-schedule", "1h"}, &out, &errs))
	require.Contains(t, errs.String(), "0 of 1 delivered")
	require.Equal(t, 1, strings.Count(out.String(), "\n"))
}
