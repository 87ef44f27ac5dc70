package driver

import "github.com/kirimhooks/kirimhooks/envelope"

// Publication is one event on its way into a [Store].
type Publication struct {
	Org    string
	Event  envelope.Event
	Topics []string // what a subscription must share; opaque, at most 64 of at most 1 KiB
	Digest [32]byte // equal digests = the same event: sha256 of Body, all zero for source meta
	Trace  string   // W3C traceparent, given back with the event; "" for none
	Only   string   // this subscription alone, whatever its status and topics: a test delivery
}

// MaxInactive is how many subscriptions Enqueued.Inactive names.
const MaxInactive = 16

// Enqueued is the result of one [Publication].
type Enqueued struct {
	Deliveries int      // how many were made; 0 for a duplicate
	Duplicate  bool     // the (org, event id) was known
	Inactive   []string // matched subscriptions that are not active, at most MaxInactive; none for Publication.Only
	Err        error    // this one's failure: ErrConflict or ErrNotFound
}
