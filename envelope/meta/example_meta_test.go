package meta_test

import (
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/envelope/meta"
)

const received = `{"object":"whatsapp_business_account","entry":[{"id":"100000000000101","changes":[{"field":"messages","value":{
	"messaging_product":"whatsapp",
	"metadata":{"display_phone_number":"6285100000001","phone_number_id":"100000000000201"},
	"messages":[{"from":"6281200000001","id":"wamid.HBgN","timestamp":"1782950400","type":"text","text":{"body":"Halo"}}]}}]}],
	"kirim":{"conversation_id":"cnv_6J7RBZJDXFAS9B8YM57VH4EJ57"}}`

func ExampleNotification_Messages() {
	n, err := meta.MessageReceived.Decode([]byte(received))
	if err != nil {
		log.Fatal(err)
	}
	for line, m := range n.Messages() {
		fmt.Println(line.PhoneNumberID, m.From, m.Text.Body, m.Timestamp.Time())
	}
	fmt.Println(n.Kirim.ConversationID)
	// Output:
	// 100000000000201 6281200000001 Halo 2026-07-02 00:00:00 +0000 UTC
	// cnv_6J7RBZJDXFAS9B8YM57VH4EJ57
}

func ExampleNotification_Statuses() {
	n, err := meta.MessageStatus.Decode([]byte(`{"entry":[{"changes":[{"field":"messages","value":{"statuses":[
		{"id":"wamid.HBgN","status":"failed","timestamp":"1782950400","errors":[{"code":131026,"title":"Message undeliverable"}]}]}}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range n.Statuses() {
		fmt.Println(s.ID, s.Status, s.Errors[0].Code)
	}
	// Output: wamid.HBgN failed 131026
}

// Parse reads any notification, as in a kind of your own for a field that this package leaves raw.
func ExampleParse() {
	n, err := meta.Parse([]byte(`{"entry":[{"id":"1","changes":[{"field":"flows","value":{"flow_id":"7"}}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	change := n.Entry[0].Changes[0]
	fmt.Printf("%s %s\n", change.Field, change.Raw)
	// Output: flows {"flow_id":"7"}
}

// Summarize tells what a body is without decoding it.
func ExampleSummarize() {
	s, err := meta.Summarize([]byte(received))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Type(), s.Messages, s.Statuses, s.Field, s.Identity)
	// Output: message.received 1 0 messages wamid.HBgN
}

func ExampleNewEvent() {
	ev, err := meta.NewEvent([]byte(received))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.Source, ev.Type, ev.ID, ev.CreatedAt)
	// Output: meta message.received wamid.HBgN 2026-07-02 00:00:00 +0000 UTC
}

func ExampleIdentity() {
	for _, status := range []string{"sent", "read"} {
		id, err := meta.Identity([]byte(`{"entry":[{"changes":[{"value":{"statuses":[{"id":"wamid.HBgN","status":"` + status + `","timestamp":"1782950400"}]}}]}]}`))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(id)
	}
	// Output:
	// wamid.HBgN:sent:1782950400
	// wamid.HBgN:read:1782950400
}

// Statuses come in any order and more than once.
func ExampleAdvance() {
	known := ""
	for _, status := range []string{"read", "sent", "delivered", "read"} {
		next, stale := meta.Advance(known, status)
		fmt.Println(status, "→", next, stale)
		known = next
	}
	// Output:
	// read → read false
	// sent → read true
	// delivered → read true
	// read → read true
}
