package meta

import "slices"

// Advance applies a status to the furthest known one, "" if none is known, and returns what is known then. stale means
// that nothing changed: the status came late or again, or is none of the five.
//
// A message goes sent < delivered < read < played
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status).
// failed ends it unless it was already delivered: nothing follows failed, and failed does not follow delivered. So the
// order of arrival makes no difference, with one exception. Of failed and delivered (or further) of one message the
// first to arrive stands.
func Advance(current, incoming string) (next string, stale bool) {
	switch {
	case current == "failed":
		return current, true
	case incoming == "failed" && rank(current) < rank("delivered"), rank(incoming) > rank(current):
		return incoming, false
	}
	return current, true
}

// rank is 0 for what is not on the way.
func rank(status string) int {
	return 1 + slices.Index([]string{"sent", "delivered", "read", "played"}, status)
}
