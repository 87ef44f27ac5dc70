package sendertest_test

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

// t stands for the argument of the test function that the examples are the bodies of.
var t *testing.T

// An endpoint that fails once gets the event again.
func ExampleNew() {
	e := sendertest.NewEndpoint(t, sendertest.Status(503), sendertest.Status(200))
	org := sendertest.New(t, sender.Config{}, e).Org("acme")
	_, secret, err := org.Subscribe(t.Context(), sender.Subscription{URL: e.URL, Events: []string{"*"}})
	require.NoError(t, err)
	e.Trust(secret)

	require.NoError(t, publishContact(org)) // the code under test

	for _, r := range e.RequireRequests(2) {
		require.Equal(t, "contact.created", r.Header.Get("X-Kirim-Event"))
	}
}

// In a bubble Kirim's schedule, a day long, passes in milliseconds.
func ExampleNew_schedule() {
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t, sendertest.Status(503))
		org := sendertest.New(t, sender.Config{Contracts: []sender.Contract{sender.Kirim()}}, e).Org("acme")
		_, _, err := org.Subscribe(t.Context(), sender.Subscription{URL: e.URL, Events: []string{"*"}})
		require.NoError(t, err)

		require.NoError(t, publishContact(org))

		time.Sleep(48 * time.Hour)
		e.RequireRequests(9)
	})
}

// Contracts that are given keep their schedules; Hurried gives one back the waits of New.
func ExampleHurried() {
	sendertest.New(t, sender.Config{Contracts: []sender.Contract{sendertest.Hurried(sender.Kirim()), sender.Kirisan()}})
}

// A Sender over a store that the test knows, for what needs it: here it is read after the fact.
func ExampleRun() {
	store := memstore.New()
	e := sendertest.NewEndpoint(t)
	s, err := sender.New(store, sender.Config{Transport: sendertest.Transport(t, e)})
	require.NoError(t, err)
	sendertest.Run(t, s)

	require.NoError(t, publishContact(s.Org("acme")))

	counts, err := store.Counts(t.Context(), "acme")
	require.NoError(t, err)
	t.Log(counts)
}

// An endpoint can be served over a real connection too.
func ExampleEndpoint_ServeHTTP() {
	e := sendertest.NewEndpoint(t, sendertest.Reset(), sendertest.Status(200))
	server := httptest.NewServer(e)
	defer server.Close()
	t.Log(server.URL)
}
