package sender_test

import (
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// What a form offers: the dialects, and the types that each has.
func ExampleSender_Contracts() {
	s, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{sender.Kirim(), sender.Kirisan()}})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range s.Contracts() {
		fmt.Println(c.Name, "devices:", c.Endpoint.Devices)
	}
	fmt.Println(s.Contracts()[0].Types[:3])
	fmt.Println(s.Contracts()[1].Events["waba"])
	// Output:
	// kirim devices: false
	// kirisan devices: true
	// [message.received message.status contact.created]
	// [incoming_message submission message_status]
}
