// Package samples holds bodies of real shape: one per event type for test deliveries, and a corpus for tests.
package samples

import (
	"embed"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// The bodies of [Body] are listed one by one: a wildcard would put the whole corpus into every program that sends.
//
//go:embed kirim/contact_created.json kirim/contact_updated.json kirim/contact_identity_updated.json
//go:embed kirim/conversation_assigned.json kirim/conversation_closed.json
//go:embed kirim/message_created.json kirim/message_sent_api.json kirim/message_edited.json kirim/message_revoked.json
//go:embed kirim/customer_created.json kirim/customer_updated.json kirim/customer_archived.json
//go:embed kirim/customer_onboarded.json kirim/customer_setup_link_created.json
//go:embed kirim/customer_setup_link_consumed.json
//go:embed meta/message_text.json meta/status_delivered.json
//go:embed kirisan/incoming_message_whatsapp_text.json kirisan/incoming_message_telegram_text.json
//go:embed kirisan/incoming_message_waba_text.json
//go:embed kirisan/submission_whatsapp.json kirisan/submission_telegram.json kirisan/submission_waba.json
//go:embed kirisan/message_status_delivered.json
var bodies embed.FS

type sample struct {
	eventType string
	channel   string
	file      string
}

func listed(source envelope.Source) []sample {
	switch source {
	case envelope.Kirim:
		return []sample{
			{"contact.created", "", "kirim/contact_created.json"},
			{"contact.updated", "", "kirim/contact_updated.json"},
			{"contact.identity_updated", "", "kirim/contact_identity_updated.json"},
			{"conversation.assigned", "", "kirim/conversation_assigned.json"},
			{"conversation.closed", "", "kirim/conversation_closed.json"},
			{"message.created", "", "kirim/message_created.json"},
			{"message.sent", "", "kirim/message_sent_api.json"},
			{"message.edited", "", "kirim/message_edited.json"},
			{"message.revoked", "", "kirim/message_revoked.json"},
			{"customer.created", "", "kirim/customer_created.json"},
			{"customer.updated", "", "kirim/customer_updated.json"},
			{"customer.archived", "", "kirim/customer_archived.json"},
			{"customer.onboarded", "", "kirim/customer_onboarded.json"},
			{"customer.setup_link.created", "", "kirim/customer_setup_link_created.json"},
			{"customer.setup_link.consumed", "", "kirim/customer_setup_link_consumed.json"},
		}
	case envelope.Meta:
		return []sample{
			{"message.received", "", "meta/message_text.json"},
			{"message.status", "", "meta/status_delivered.json"},
		}
	case envelope.Kirisan:
		return []sample{
			{"incoming_message", "whatsapp", "kirisan/incoming_message_whatsapp_text.json"},
			{"incoming_message", "telegram", "kirisan/incoming_message_telegram_text.json"},
			{"incoming_message", "waba", "kirisan/incoming_message_waba_text.json"},
			{"submission", "whatsapp", "kirisan/submission_whatsapp.json"},
			{"submission", "telegram", "kirisan/submission_telegram.json"},
			{"submission", "waba", "kirisan/submission_waba.json"},
			{"message_status", "waba", "kirisan/message_status_delivered.json"},
		}
	}
	return nil
}

// Body returns a body of an event type, the caller's to keep. channel is for Kirisan only; "" takes the first channel
// that has the event. ok is false where there is none.
//
// Bodies are as they stand in live traffic: a sender of tests sets their marks, ids and devices.
func Body(source envelope.Source, eventType, channel string) (body []byte, ok bool) {
	for _, s := range listed(source) {
		if s.eventType == eventType && (channel == "" || channel == s.channel) {
			body, err := bodies.ReadFile(s.file)
			return body, err == nil
		}
	}
	return nil, false
}

// Types returns the event types of source that [Body] has, each once.
func Types(source envelope.Source) []string {
	var types []string
	for _, s := range listed(source) {
		if n := len(types); n == 0 || types[n-1] != s.eventType {
			types = append(types, s.eventType)
		}
	}
	return types
}
