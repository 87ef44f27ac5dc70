package console_test

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/console"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Show a customer his own webhooks for an hour, without building a page. The console at that address has the same key
// as its Config.LinkKey.
func ExampleLink() {
	key := signature.NewSecret("32 bytes or more, from your vault")
	address, err := console.Link("https://app.example.com/hooks", key, console.Grant{
		Org:     "acme",
		Expires: time.Now().Add(time.Hour),
		Changes: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.HasPrefix(address, "https://app.example.com/hooks/l/"))
	// Output: true
}
