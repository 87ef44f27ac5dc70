package sendertest_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

// An endpoint that never answers holds nobody else up. A paused one gets nothing.
func ExampleHang() {
	synctest.Test(t, func(t *testing.T) {
		hangs := sendertest.NewEndpoint(t, sendertest.Hang())
		answers := sendertest.NewEndpoint(t, sendertest.Status(200))
		paused := sendertest.NewEndpoint(t)
		org := sendertest.New(t, sender.Config{}, hangs, answers, paused).Org("acme")
		for _, e := range []*sendertest.Endpoint{hangs, answers, paused} {
			sub, secret, err := org.Subscribe(t.Context(), sender.Subscription{URL: e.URL, Events: []string{"*"}})
			require.NoError(t, err)
			e.Trust(secret)
			if e == paused {
				require.NoError(t, org.Pause(t.Context(), sub.ID))
			}
		}

		require.NoError(t, publishContact(org))

		answers.RequireRequests(1)
		paused.RequireNone()
	})
}
