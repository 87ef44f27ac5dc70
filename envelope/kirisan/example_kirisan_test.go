package kirisan_test

import (
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
)

func ExampleNewEvent() {
	ev, err := kirisan.NewEvent(kirisan.SubmissionEvent, &kirisan.Submission{
		Form:    kirisan.Form{ID: 42, Name: "Formulir pendaftaran"},
		Device:  "wa-3f9a10",
		Channel: kirisan.ChannelWhatsApp,
		Sender:  "6281200000001",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.Source, ev.Type, ev.Device, ev.Channel, ev.Test)
	// Output: kirisan submission wa-3f9a10 whatsapp false
}

func ExampleNewTestEvent() {
	read := &kirisan.MessageStatus{Device: "waba-7d1e55", Status: "read"}
	ev, err := kirisan.NewTestEvent(kirisan.MessageStatusEvent, read)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.Type, ev.Channel, ev.Test)
	// Output: message_status waba true
}

func ExampleParseEvent() {
	body := []byte(`{"event":"message_status","device":"waba-7d1e55","channel":"waba","production":false}`)
	ev, err := kirisan.ParseEvent(body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.Type, ev.Device, ev.Channel, ev.Test)
	// Output: message_status waba-7d1e55 waba true
}

func ExampleIncomingMessage_WhatsApp() {
	m, err := kirisan.IncomingMessageEvent.Decode([]byte(`{"event":"incoming_message","device":"wa-3f9a10","channel":"whatsapp",
		"sender":{"sender":"6281200000001","name":"Siti Rahma","details":{"type":"personal","pushname":"Siti"}},
		"message":{"type":"text","text":"Info bazar"},"metadata":{"inboxid":48123,"isforwarded":true}}`))
	if err != nil {
		log.Fatal(err)
	}
	if w, ok := m.WhatsApp(); ok {
		fmt.Println(m.Message.Text, w.Pushname, w.IsForwarded)
	}
	// Output: Info bazar Siti true
}
