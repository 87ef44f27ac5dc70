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

// Whatever was written, in words and by whom, without a check for nil.
func ExampleMessage_PlainText() {
	n, err := meta.Parse([]byte(`{"entry":[{"changes":[{"field":"messages","value":{
		"contacts":[{"profile":{"name":"Ayu"},"wa_id":"6281200000001"}],
		"messages":[
			{"from":"6281200000001","id":"wamid.1","type":"text","text":{"body":"Halo"}},
			{"from":"6281200000001","id":"wamid.2","type":"image","image":{"id":"7","caption":"Ini fotonya"}},
			{"from":"6281200000001","id":"wamid.3","type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"b","title":"Besok"}}},
			{"from":"6281200000001","id":"wamid.4","type":"sticker","sticker":{"id":"8"}}]}}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range n.Messages() {
		fmt.Printf("%s, %s: %q\n", n.Contact(m).Name(), m.Type, m.PlainText())
	}
	// Output:
	// Ayu, text: "Halo"
	// Ayu, image: "Ini fotonya"
	// Ayu, interactive: "Besok"
	// Ayu, sticker: ""
}

// A customer may be known by number, by user id or by both, and a system message comes without contacts.
func ExampleNotification_Contact() {
	n, err := meta.Parse([]byte(`{"entry":[{"changes":[{"field":"messages","value":{
		"contacts":[{"profile":{"name":"Ayu"},"user_id":"ID.1"},{"profile":{"username":"budi"},"wa_id":"6281200000002"}],
		"messages":[{"from_user_id":"ID.1","id":"wamid.1","type":"text"},{"from":"6281200000002","id":"wamid.2","type":"text"},
			{"from":"6281200000003","id":"wamid.3","type":"system"}]}}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range n.Messages() {
		c := n.Contact(m)
		fmt.Printf("name %q, number %q, user id %q\n", c.Name(), c.WaID, c.UserID)
	}
	// Output:
	// name "Ayu", number "", user id "ID.1"
	// name "budi", number "6281200000002", user id ""
	// name "", number "6281200000003", user id ""
}

// What stands in other fields than messages is of kinds of its own.
func ExampleNotification_Changes() {
	n, err := meta.Calls.Decode([]byte(`{"entry":[{"id":"1","changes":[{"field":"calls","value":{
		"calls":[{"id":"wacid.1","event":"terminate","status":"COMPLETED","duration":60}]}}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	for entry, change := range n.Changes(meta.Calls.Type()) {
		for _, call := range change.Value.Calls {
			fmt.Println(entry.ID, call.ID, call.Event, call.Duration)
		}
	}
	// Output: 1 wacid.1 terminate 60
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
		id, err := meta.Identity([]byte(`{"entry":[{"changes":[{"value":{"statuses":[{"id":"wamid.HBgN","status":"` + status +
			`","timestamp":"1782950400"}]}}]}]}`))
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
