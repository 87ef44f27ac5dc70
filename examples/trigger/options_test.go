package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDefaults(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"kirim":   {[]string{"-secret", newSecret}, "contact.created"},
		"native":  {[]string{"-secret", newSecret, "-source", "kirim"}, "contact.created"},
		"meta":    {[]string{"-secret", newSecret, "-source", "meta"}, "message.received"},
		"kirisan": {[]string{"-dialect", "kirisan"}, "incoming_message"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, 503)
			code, printed, stderr := fire(t, append(c.args, "-url", e.URL)...)
			require.Equal(t, 1, code)
			require.Contains(t, stderr, "0 of 1 delivered")
			require.Len(t, printed, 1, "one attempt")
			require.Equal(t, c.want, printed[0].Type)
		})
	}
}

func TestUsage(t *testing.T) {
	url := []string{"-url", "http://127.0.0.1:1/"}
	ready := append(slices.Clone(url), "-secret", newSecret)
	for name, c := range map[string]struct {
		base, args []string
		want       string
	}{
		"no url":           {nil, []string{"-secret", newSecret}, "-url: required"},
		"no secret":        {url, nil, "-secret: required"},
		"short secret":     {url, []string{"-secret", "short"}, "at least 16 are needed"},
		"too many secrets": {url, slices.Repeat([]string{"-secret", newSecret}, 16), "-secret: given 16 times"},
		"dialect":          {ready, []string{"-dialect", "meta"}, `-dialect "meta"`},
		"kirisan secrets":  {ready, []string{"-dialect", "kirisan", "-secret", oldSecret}, "room for one"},
		"kirisan source": {ready, []string{"-dialect", "kirisan", "-source", "meta"},
			"-source: for -dialect kirim only"},
		"kirim device":        {ready, []string{"-device", "wa-1"}, "-device: for -dialect kirisan only"},
		"source":              {ready, []string{"-source", "kirisan"}, `-source "kirisan"`},
		"count":               {ready, []string{"-count", "0"}, "-count 0"},
		"concurrency":         {ready, []string{"-concurrency", "-1"}, "-concurrency -1"},
		"attempts":            {ready, []string{"-attempts", "0"}, "at least 1"},
		"attempts, no number": {ready, []string{"-attempts", "x"}, "-attempts"},
		"schedule":            {ready, []string{"-schedule", "1s,2"}, `"2" is no wait`},
		"schedule, negative":  {ready, []string{"-schedule", "-1s"}, `"-1s" is no wait`},
		"schedule, empty":     {ready, []string{"-schedule", ""}, `"" is no wait`},
		"test of a file":      {ready, []string{"-live=false", "-file", "x"}, "leave -file out"},
		"live, detached":      {ready, []string{"-live", "false"}, "-live=false"},
		"unknown flag":        {ready, []string{"-retries", "1"}, "-retries"},
		"unknown event":       {ready, []string{"-event", "contact.vanished"}, "contact.created, contact.updated"},
		"pattern":             {ready, []string{"-event", "contact.*"}, "no sample"},
		"event of the other": {ready, []string{"-event", "contact.created", "-source", "meta"},
			"message.received, message.status"},
		"kirisan event": {ready, []string{"-dialect", "kirisan", "-event", "contact.created"},
			"incoming_message, submission, message_status"},
		"no such file": {ready, []string{"-file", "/nonexistent/body.json"}, "-file: open /nonexistent/body.json"},
		"scheme": {nil, []string{"-secret", newSecret, "-url", "ftp://127.0.0.1/"},
			"the scheme must be https"},
		"plain http, elsewhere": {nil, []string{"-secret", newSecret, "-url", "http://192.0.2.1/"}, "use https"},
		"private":               {nil, []string{"-secret", newSecret, "-url", "https://10.0.0.1/"}, "not public"},
		"device": {url, []string{"-dialect", "kirisan", "-device", "wa\t1"},
			"device is not 1 to 512 printable bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			code, printed, stderr := fire(t, append(slices.Clone(c.base), c.args...)...)
			require.Equal(t, 2, code)
			require.Contains(t, stderr, c.want)
			require.NotContains(t, stderr, newSecret)
			require.Empty(t, printed)
		})
	}
	code, _, stderr := fire(t, "-h")
	require.Zero(t, code)
	require.Contains(t, stderr, "-concurrency")
}

func TestAllComplaintsAtOnce(t *testing.T) {
	_, _, stderr := fire(t, "-count", "0", "-concurrency", "0")
	for _, want := range []string{"-url", "-secret", "-count 0", "-concurrency 0"} {
		require.Contains(t, stderr, want)
	}
}
