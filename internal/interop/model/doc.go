// Package model checks a [sender.Store], and a [sender.Sender] over it, with random programs. They run next to a model
// made of plain maps, which says after each step what must be. It knows which deliveries exist, their state and their
// log. It knows what may be sent at which moment, to whom, with which bytes and under which secrets. Nothing that can
// be sent is forgotten.
//
// A program of the store is one of many workers that come, go and forget: it puts and deletes subscriptions, enqueues,
// claims, settles early, late and twice, replays, purges, and lets time pass. A program of the Sender is what tenants
// do, while endpoints answer, refuse and hang, and processes start, stop and die with what they hold.
//
// The test of a store calls [Check] once:
//
//	func TestModel(t *testing.T) {
//		model.Check(t, model.Harness{Open: func(t *testing.T) sender.Store { return open(t) }})
//	}
//
// That test belongs into this module, whose go.mod then requires the store's. It is tempting to put it beside the
// store, where go.work would let it compile. But a store's go.mod is read by everybody who uses it, and must not
// require a module that is never published.
package model
