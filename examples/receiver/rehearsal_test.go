package main

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestFailsTheFirstRunsOfEachEvent(t *testing.T) {
	stdout := new(lines)
	p := start(t, stdout, "-fail", "2")
	first, second := contactCreated(t), contactCreated(t)
	require.Equal(t, 500, post(t, p.url, kirimRequest(t, first)))
	require.Equal(t, 500, post(t, p.url, kirimRequest(t, second)), "each event by itself")
	require.Equal(t, 500, post(t, p.url, kirimRequest(t, first)))
	require.Empty(t, stdout.all(), "what failed was not handled")
	require.Equal(t, 200, post(t, p.url, kirimRequest(t, first)))
	require.Equal(t, 200, post(t, p.url, kirimRequest(t, first)), "a duplicate")
	require.Len(t, stdout.all(), 1)
	require.Equal(t, 500, post(t, p.url, kirimRequest(t, second)))
	require.Equal(t, 200, post(t, p.url, kirimRequest(t, second)))
	require.Len(t, stdout.all(), 2)
}

// The dialect says what makes two bodies the same event.
func TestFailsByIdentity(t *testing.T) {
	p := start(t, io.Discard, "-fail", "1")
	ev := contactCreated(t)
	require.Equal(t, 500, post(t, p.url, kirimRequest(t, ev)))
	ev.Body = append(ev.Body, '\n')
	require.Equal(t, 200, post(t, p.url, kirimRequest(t, ev)))
}

// Events of Kirisan's have no id: equal bytes are the same one until it is handled.
func TestFailsEventsWithoutID(t *testing.T) {
	stdout := new(lines)
	p := start(t, stdout, "-fail", "1")
	request := func(at kirisan.Timestamp) *http.Request {
		ev, err := kirisan.NewEvent(kirisan.SubmissionEvent,
			&kirisan.Submission{Device: "wa-1", Channel: "whatsapp", Timestamp: at})
		require.NoError(t, err)
		return receivertest.Kirisan(t, signature.NewSecret(kirisanSecret), ev)
	}
	for _, want := range []int{500, 200, 500, 200} {
		require.Equal(t, want, post(t, p.url, request(1)))
		require.Equal(t, want, post(t, p.url, request(2)))
	}
	require.Len(t, stdout.all(), 4)
}

func TestSlow(t *testing.T) {
	for name, c := range map[string]struct {
		slow, took time.Duration
		status     int
	}{
		"within the deadline": {8 * time.Second, 8 * time.Second, 200},
		"beyond it":           {time.Hour, 9 * time.Second, 503},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				secret := signature.GenerateSecret()
				handler, err := receiver.Handler(rehearse(newMux(newPrinter(io.Discard)), 0, c.slow), receiver.Config{
					Dialects: []receiver.Dialect{receiver.Kirim(signature.NewKeyring(secret))},
				})
				require.NoError(t, err)
				client := &http.Client{Transport: receivertest.Transport(handler)}
				began := time.Now()
				response, err := client.Do(receivertest.Kirim(t, secret, contactCreated(t)))
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				require.Equal(t, c.status, response.StatusCode)
				require.Equal(t, c.took, time.Since(began))
				client.CloseIdleConnections()
			})
		})
	}
}

// What was handled is forgotten: a long rehearsal does not grow.
func TestTallyForgets(t *testing.T) {
	runs := &tally{runs: map[string]int{}}
	require.Equal(t, 1, runs.begin("a"))
	require.Equal(t, 2, runs.begin("a"))
	require.Equal(t, 1, runs.begin("b"))
	runs.forget("a")
	require.Len(t, runs.runs, 1)
	require.Equal(t, 1, runs.begin("a"))
}
