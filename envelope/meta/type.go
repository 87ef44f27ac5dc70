package meta

// The types of events that Meta's notifications are (https://developers.kirim.chat/webhooks/events/). The set is open:
// a notification that shows neither is of the type that its first change's field names.
const (
	TypeMessageReceived = "message.received"
	TypeMessageStatus   = "message.status"
)
