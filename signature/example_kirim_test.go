package signature_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

func ExampleSignKirim() {
	secret := signature.NewSecret("whsec_example")
	body := []byte(`{"id":"evt_1"}`)
	fmt.Printf("X-Kirim-Signature: %s\n", signature.SignKirim(nil, body, time.Unix(1782950400, 0), secret))
	// Output:
	// X-Kirim-Signature: t=1782950400,v1=67ab95deaab89d68f9b5de3ba6de51955018d29c6d63763c039c653a207c081d
}

func ExampleVerifyKirim() {
	keys := signature.NewKeyring(signature.NewSecret("whsec_new"), signature.NewSecret("whsec_old"))
	body := []byte(`{"id":"evt_1"}`)
	signedAt := time.Unix(1782950400, 0)
	header := string(signature.SignKirim(nil, body, signedAt, signature.NewSecret("whsec_old")))

	matched, err := signature.VerifyKirim(header, body, signedAt.Add(time.Minute), 0, keys.Secrets()...)
	fmt.Println(matched, err)

	_, err = signature.VerifyKirim(header, body, signedAt.Add(time.Hour), 0, keys.Secrets()...)
	fmt.Println(errors.Is(err, signature.ErrTooOld))

	_, err = signature.VerifyKirim(header, []byte(`{"id":"evt_2"}`), signedAt, 0, keys.Secrets()...)
	fmt.Println(errors.Is(err, signature.ErrMismatch))
	// Output:
	// 1 <nil>
	// true
	// true
}
