package signature_test

import (
	"fmt"

	"github.com/kirimhooks/kirimhooks/signature"
)

func ExampleNewSecret() {
	config := struct {
		URL    string
		Secret signature.Secret
	}{"https://example.com/hooks", signature.NewSecret("whsec_example")}
	fmt.Printf("%+v\n", config)
	fmt.Println(config.Secret.Reveal())
	// Output:
	// {URL:https://example.com/hooks Secret:[secret]}
	// whsec_example
}

func ExampleGenerateSecret() {
	secret := signature.GenerateSecret()
	fmt.Println(secret, len(secret.Reveal()))
	// Output:
	// [secret] 50
}
