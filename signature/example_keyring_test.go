package signature_test

import (
	"errors"
	"fmt"

	"github.com/kirimhooks/kirimhooks/signature"
)

// A secret that is absent, as from a variable that is not set, opens nothing.
func ExampleNewKeyring() {
	keys := signature.NewKeyring(signature.NewSecret(""))
	_, err := signature.VerifyShared("anything", keys.Secrets()...)
	fmt.Println(errors.Is(err, signature.ErrNoSecret))
	// Output:
	// true
}
