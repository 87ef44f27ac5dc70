package signature_test

import (
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// The sender keeps the private key and gives away the public one. While keys rotate it signs with both.
func ExampleSecret_Public() {
	old, fresh := signature.GenerateEd25519(), signature.GenerateEd25519()
	now, body := time.Unix(1782950400, 0), []byte(`{"type":"invoice.paid","data":{}}`)
	header := string(signature.SignStandard(nil, "msg_1", body, now, fresh, old))

	slow := signature.NewKeyring(signature.NewSecret(old.Public().Reveal())) // has not heard of the new one
	quick := signature.NewKeyring(fresh.Public(), old.Public())
	for _, keys := range []*signature.Keyring{slow, quick} {
		matched, err := signature.VerifyStandard("msg_1", "1782950400", header, body, now, 0, keys.Secrets()...)
		fmt.Println(matched, err)
	}
	forged := signature.SignStandard(nil, "msg_1", body, now, fresh.Public())
	fmt.Println("signed with the public one:", len(forged), "bytes")
	// Output:
	// 0 <nil>
	// 0 <nil>
	// signed with the public one: 0 bytes
}

func ExampleGenerateEd25519() {
	private := signature.GenerateEd25519()
	fmt.Println(private.Reveal()[:5], private.Public().Reveal()[:5])
	// Output: whsk_ whpk_
}
