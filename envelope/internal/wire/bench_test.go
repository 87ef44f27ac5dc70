package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
)

const contactData = `{"contact":{"id":"ctc_01","object":"contact","phone_number":"+6281200000001","name":"Sari","email":null,` +
	`"metadata":{"plan":"pro"},"whatsapp_account":{"phone_number":"+62 851-0000-0001"},` +
	`"created_at":"2026-07-02T00:00:01.000Z","updated_at":"2026-07-02T00:00:01.000Z",` +
	`"labels":[{"id":"lbl_1","object":"label","name":"vip","color":"#ff0000"}]},"acquisition_source":"whatsapp"}`

const incomingMessage = `{"event":"incoming_message","channel":"whatsapp","device":"6281200000001",` +
	`"sender":{"sender":"6281200000002","name":"Sari","details":{"type":"personal","pushname":"Sari"}},` +
	`"message":{"type":"text","text":"Halo, apakah masih ada?"},"metadata":{"from_me":false},` +
	`"timestamp":1782950400,"production":true}`

// BenchmarkDecode is why this package reads payloads itself. encoding/json takes twice the time, and refuses what
// senders write in another way than they document: see [wire.Decode].
func BenchmarkDecode(b *testing.B) {
	compare[kirim.ContactData](b, "contact", contactData)
	compare[kirisan.IncomingMessage](b, "message", incomingMessage)
}

func compare[P any](b *testing.B, name, body string) {
	run := func(how string, decode func([]byte, any) error) {
		b.Run(name+"/"+how, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				var p P
				if err := decode([]byte(body), &p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("wire", wire.Decode)
	run("json", json.Unmarshal)
}
