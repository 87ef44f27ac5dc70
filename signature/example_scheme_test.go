package signature_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// A scheme of one's own is data, and signs at one end what it verifies at the other.
func ExampleScheme() {
	acme := signature.Scheme{
		Header:    "Acme-Signature",
		Payload:   "{t}.{body}",
		Prefix:    "v1=",
		Separator: ",",
	}
	secret := signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	body := []byte(`{"kind":"order.paid"}`)

	h := http.Header{}
	if err := acme.Sign(h, "", body, time.Unix(1782950400, 0), secret); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.Get("Acme-Signature"))
	_, err := acme.Verify(h, body, time.Unix(1782950400+600, 0), secret)
	fmt.Println(err)
	// Output:
	// t=1782950400,v1=de7bcfae0af46c053c25bcfd580b79f3cf8cfb686a2bcfc8976c3067a8aace7c
	// signature: genuine but too old: replayed, or a clock is off
}
