package sender_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// A contract that could not deliver is refused when the Sender is made, not at its first attempt.
func TestContractsThatAreRefused(t *testing.T) {
	for want, spoil := range map[string]func(*sender.Contract){
		"Name: required":    func(c *sender.Contract) { c.Name = "" },
		"Name: must be":     func(c *sender.Contract) { c.Name = strings.Repeat("a", 65) },
		"Sources: required": func(c *sender.Contract) { c.Sources = nil },
		"Sign: required":    func(c *sender.Contract) { c.Sign = nil },
		"Endpoint.Aliases: a type": func(c *sender.Contract) {
			c.Endpoint.Aliases = map[string]string{"submission.completed": "sub\nmission"}
		},
		"Timeout: negative": func(c *sender.Contract) { c.Timeout = -time.Second },
		"TestTimeout: neg":  func(c *sender.Contract) { c.TestTimeout = -time.Second },
		"Jitter: must be":   func(c *sender.Contract) { c.Jitter = 1 },
		"Render: with meta": func(c *sender.Contract) {
			c.Render = func(ev envelope.Event) ([]byte, string, error) { return ev.Body, "", nil }
		},
		"Schedule: ": func(c *sender.Contract) { c.Schedule = make(sender.Waits, 1001) },
	} {
		c := sender.Kirim()
		spoil(&c)
		_, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{c}})
		require.ErrorContains(t, err, "Config.Contracts[0]: "+want)
	}
}
