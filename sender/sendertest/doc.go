// Package sendertest tests code that publishes webhooks: a scripted far end, and a Sender that delivers to it inside
// the test's own process.
//
//	func TestSends(t *testing.T) {
//		e := sendertest.NewEndpoint(t, sendertest.Status(503), sendertest.Status(200))
//		org := sendertest.New(t, sender.Config{}, e).Org("acme")
//		_, secret, err := org.Subscribe(t.Context(), sender.Subscription{URL: e.URL, Events: []string{"*"}})
//		require.NoError(t, err)
//		e.Trust(secret)
//
//		require.NoError(t, yourCode(org)) // publishes contact.created
//
//		for _, r := range e.RequireRequests(2) {
//			require.Equal(t, "contact.created", r.Header.Get("X-Kirim-Event"))
//		}
//	}
//
// # Outcomes
//
// An [Endpoint] sees requests, not what becomes of them: when RequireRequests returns, the Sender may not yet have
// read the answer. A test that asks for a delivery's state waits for it first, with sender.Hooks.Finished, or inside a
// bubble with synctest.Wait.
//
// # Time
//
// [New] makes the waits between attempts 1 ms long, so that a test sees retries and dead letters at once. To see the
// real schedule, give the contract and run the test in a [testing/synctest] bubble, where 24 hours pass in
// milliseconds: there are no sockets in this package, and whatever waits does so on channels and timers. Make endpoints
// and Senders inside the bubble, with the bubble's own t.
//
//	synctest.Test(t, func(t *testing.T) {
//		e := sendertest.NewEndpoint(t, sendertest.Status(503))
//		org := sendertest.New(t, sender.Config{Contracts: []sender.Contract{sender.Kirim()}}, e).Org("acme")
//		// subscribe and publish as above
//		time.Sleep(48 * time.Hour)
//		e.RequireRequests(9)
//	})
//
// # Failing
//
// [New], [NewEndpoint], [Transport], Trust and the methods called Require may end the test, so call them on the
// goroutine of the test function. What is found wrong while a request is served, such as a bad signature, fails the
// test without ending it, since that happens on a goroutine of the Sender. Everything stops when the test ends:
// requests that still wait for an answer break off, and no goroutine is left.
package sendertest
