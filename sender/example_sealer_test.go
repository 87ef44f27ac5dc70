package sender_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"log"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// aesSealer keeps secrets under one key, which must not stand in the same database.
type aesSealer struct{ cipher.AEAD }

func newAESSealer(key []byte) (aesSealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return aesSealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return aesSealer{aead}, err
}

func (s aesSealer) Seal(_ context.Context, org string, plain []byte) ([]byte, error) {
	return s.AEAD.Seal(nil, nil, plain, []byte(org)), nil
}

func (s aesSealer) Open(_ context.Context, org string, sealed []byte) ([]byte, error) {
	return s.AEAD.Open(nil, nil, sealed, []byte(org))
}

// Keep signing secrets encrypted, bound to the org that they belong to.
func ExampleSealer() {
	sealer, err := newAESSealer([]byte("32 bytes from a key service ... "))
	if err != nil {
		log.Fatal(err)
	}
	s, err := sender.New(memstore.New(), sender.Config{Sealer: sealer})
	if err != nil {
		log.Fatal(err)
	}
	sub, _, err := s.Org("acme").Subscribe(context.Background(), sender.Subscription{
		URL: "https://example.com/hooks", Events: []string{"*"},
	})
	fmt.Println(len(sub.Secrets), err)
	// Output: 1 <nil>
}
