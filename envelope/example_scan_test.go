package envelope_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/envelope"
)

func ExampleScan() {
	m, err := envelope.Scan([]byte(`{"id":"evt_1","type":"contact.created","data":{"contact":null}}`))
	if err != nil {
		log.Fatal(err)
	}
	typ, _ := m.Text("type")
	fmt.Println(typ, string(m.Raw("data")))

	_, err = envelope.Scan([]byte(`{"id":"evt_1","ID":"evt_2"}`))
	fmt.Println(err)
	// Output:
	// contact.created {"contact":null}
	// envelope: malformed body: second spelling of a top-level key at byte 19
}

// A kind of an own source, with a payload that is the whole body.
func ExampleNewKind() {
	type Parcel struct {
		Number string `json:"number"`
	}
	shipped := envelope.NewKind("acme", "parcel.shipped", func(body []byte) (p Parcel, err error) {
		return p, json.Unmarshal(body, &p)
	})
	p, err := shipped.Decode([]byte(`{"number":"JNE-7"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(shipped.Source(), shipped.Type(), p.Number)
	// Output: acme parcel.shipped JNE-7
}
