package sqlinbox

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// ByConversation is a [Config.Key] under which the messages of one customer on one line run in order of arrival, and
// those of others beside them:
//
//	messages of Meta's bodies        the line's phone_number_id, and the group, else the BSUID, else the number
//	statuses of Meta and Kirisan     the id of the message, so that no receipt waits for a conversation
//	Kirim's own events               the id of the contact, conversation, message or customer in the type
//	Kirisan's messages, submissions  the device and the sender
//	anything else                    none
//
// A body with several messages, or statuses, stands in the lane of the first, and one with both in that of its
// messages. Where Meta begins to state a BSUID in the middle of a conversation, the next messages stand in another
// lane.
func ByConversation(ev *receiver.Event) string {
	switch ev.Source {
	case envelope.Meta:
		return byMeta(ev)
	case envelope.Kirim:
		return byKirim(ev)
	case envelope.Kirisan:
		return byKirisan(ev)
	default:
		return ""
	}
}

func byMeta(ev *receiver.Event) string {
	n, err := meta.Parse(ev.Body)
	if err != nil {
		return ""
	}
	for line, m := range n.Messages() {
		customer := n.Contact(m)
		who := cmp.Or(m.GroupID, m.FromUserID, customer.UserID, m.From, customer.WaID)
		return lane("meta", line.PhoneNumberID, who)
	}
	for _, s := range n.Statuses() {
		return lane("status", s.ID)
	}
	return ""
}

func byKirim(ev *receiver.Event) string {
	var body struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	if json.Unmarshal(ev.Body, &body) != nil {
		return ""
	}
	what, _, _ := strings.Cut(ev.Type, ".")
	var object struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body.Data[what], &object) != nil {
		return ""
	}
	return lane("kirim", what, object.ID)
}

func byKirisan(ev *receiver.Event) string {
	switch ev.Type {
	case kirisan.TypeIncomingMessage:
		if m, err := kirisan.IncomingMessageEvent.Decode(ev.Body); err == nil {
			return lane("kirisan", kirisan.PlainDevice(ev.Device), kirisan.PlainDevice(m.Sender.Sender))
		}
	case kirisan.TypeSubmission, kirisan.TypeSubmissionCompleted:
		if s, err := kirisan.SubmissionEvent.Decode(ev.Body); err == nil {
			return lane("kirisan", kirisan.PlainDevice(ev.Device), kirisan.PlainDevice(s.Sender))
		}
	case kirisan.TypeMessageStatus:
		if s, err := kirisan.MessageStatusEvent.Decode(ev.Body); err == nil {
			return lane("status", cmp.Or(s.MessageID, s.Metadata.MessageID))
		}
	}
	return ""
}

// lane joins the parts of a name, of which the last must say something.
func lane(parts ...string) string {
	if parts[len(parts)-1] == "" {
		return ""
	}
	return strings.Join(parts, ":")
}
