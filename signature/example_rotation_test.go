package signature_test

import (
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/signature"
)

func ExampleParseKeyring() {
	keys, err := signature.ParseKeyring("whsec_new, whsec_old")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(keys.Secrets()))

	_, err = signature.ParseKeyring("whsec_new,,whsec_old")
	fmt.Println(err)
	// Output:
	// 2
	// signature: no usable secret configured: item 2 of 3 in the list is empty
}

func ExampleKeyring_Replace() {
	old, fresh := signature.NewSecret("whsec_old"), signature.NewSecret("whsec_new")
	keys := signature.NewKeyring(old)

	// Both, while the sender signs with both.
	if err := keys.Replace(fresh, old); err != nil {
		log.Fatal(err)
	}
	// The new one alone, when the old one has expired.
	if err := keys.Replace(fresh); err != nil {
		log.Fatal(err)
	}
	fmt.Println(keys.Replace())
	fmt.Println(keys.Secrets()[0].Equal(fresh))
	// Output:
	// signature: no usable secret configured: replacing by an empty set; the old secrets stay
	// true
}
