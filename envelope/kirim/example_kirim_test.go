package kirim_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/envelope/kirim"
)

func ExampleNewEvent() {
	name := "Siti Rahma"
	ev, err := kirim.NewEvent(kirim.ContactCreated, kirim.ContactData{
		Contact:           kirim.Contact{ID: kirim.NewID("ctc_"), Object: "contact", Name: &name},
		AcquisitionSource: "api",
	})
	if err != nil {
		log.Fatal(err)
	}
	data, err := kirim.ContactCreated.Decode(ev.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.Source, ev.Type, ev.Test, *data.Contact.Name)
	// Output: kirim contact.created false Siti Rahma
}

func ExampleNewTestEvent() {
	ev, err := kirim.NewTestEvent(kirim.ConversationClosed, kirim.ConversationData{
		Conversation: kirim.Conversation{ID: "cnv_1", Object: "conversation", Status: "resolved"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.Type, ev.Test)
	// Output: conversation.closed true
}

// A kind of your own: an event type of yours, or fields this package does not name yet.
func ExampleNewKind() {
	type Order struct {
		ID    string      `json:"id"`
		Total json.Number `json:"total"`
	}
	paid := kirim.NewKind[Order]("order.paid")
	order, err := paid.Decode([]byte(`{"id":"evt_1","type":"order.paid","data":{"id":"ord_7","total":150000}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.ID, order.Total)
	// Output: ord_7 150000
}

func ExampleParseEvent() {
	ev, err := kirim.ParseEvent([]byte(`{"id":"evt_1","type":"contact.created","created_at":"2026-07-02T00:00:00.000Z","data":{}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.ID, ev.Type, ev.CreatedAt)
	// Output: evt_1 contact.created 2026-07-02 00:00:00 +0000 UTC
}

func ExampleNewID() {
	fmt.Println(len(kirim.NewID("wbd_")))
	// Output: 30
}
