package sender_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

// wild is a contract of a host's own: any type, devices on any channel.
func wild(name string) sender.Contract {
	c := acme()
	c.Name, c.Endpoint.Devices = name, true
	return c
}

// What the contracts let through, subscriptions and events alike, fits what a store must take: 64 topics of 1 KiB. What
// does not is refused by both, so that nobody waits for an event that cannot be published.
func TestTopicsFitTheStore(t *testing.T) {
	channel, device := strings.Repeat("c", 255), strings.Repeat("d", 512)
	for contracts, most := range map[int]int{1: 62, 2: 30, 3: 19, 10: 4} {
		store := newHooked()
		var topics []string
		store.enqueue = func(pubs []driver.Publication) error {
			topics = pubs[0].Topics
			return nil
		}
		cfg := sender.Config{MaxSubscriptions: -1}
		for i := range contracts {
			cfg.Contracts = append(cfg.Contracts, wild(strings.Repeat("n", 60)+fmt.Sprint(i)))
		}
		s, err := sender.New(store, cfg)
		require.NoError(t, err)
		typed := func(dots int) string { return strings.Repeat("a.", dots) + strings.Repeat("z", 128-2*dots) }
		for dots, fits := range map[int]bool{0: true, most: true, most + 1: false} {
			_, published := s.Org("acme").Publish(t.Context(),
				envelope.Event{Source: "acme", Type: typed(dots), Channel: channel, Device: device, Body: []byte("1")})
			for _, name := range []string{typed(dots), strings.TrimSuffix(typed(dots), strings.Repeat("z", 128-2*dots)) + "*"} {
				subscribed := subscribe(t, s.Org("acme"), sender.Subscription{
					URL: "https://example.com/", Events: []string{name}, Devices: []sender.Device{{ID: device, Channel: channel}},
				})
				require.Equal(t, fits, subscribed == nil, "%d contracts, %s: %v", contracts, name, subscribed)
			}
			if !fits {
				require.ErrorIs(t, published, sender.ErrInvalid)
				require.ErrorContains(t, published, fmt.Sprintf("Type: has %d dots, at most %d fit", dots, most))
				continue
			}
			require.NoError(t, published)
			require.LessOrEqual(t, len(topics), 64)
			for _, topic := range topics {
				require.LessOrEqual(t, len(topic), 1<<10)
			}
		}
		list, err := store.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "acme"})
		require.NoError(t, err)
		for _, r := range list {
			require.NotEmpty(t, r.Topics)
			for _, topic := range r.Topics {
				require.LessOrEqual(t, len(topic), 1<<10)
			}
		}
	}
}

// Where no type could fit, the contracts are refused, not each event.
func TestTooManyContractsOfOneSource(t *testing.T) {
	several := func(n int, events map[string][]string) error {
		var cfg sender.Config
		for i := range n {
			c := wild(fmt.Sprint("acme", i))
			c.Events = events
			cfg.Contracts = append(cfg.Contracts, c)
		}
		_, err := sender.New(memstore.New(), cfg)
		return err
	}
	require.NoError(t, several(10, nil))
	require.ErrorContains(t, several(11, nil), `Config.Contracts[0]: too many contracts carry "acme"`)
	require.NoError(t, several(64, map[string][]string{"": {"a"}}))
	require.ErrorContains(t, several(65, map[string][]string{"": {"a"}}), `too many contracts carry "acme"`)

	c := acme()
	c.Endpoint.Aliases = map[string]string{"old": strings.Repeat("x", 129)}
	_, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{c}})
	require.ErrorContains(t, err, "Config.Contracts[0]: Endpoint.Aliases: a type must be")
}

// A channel stands in topics, so that it is held to what they can hold where the contract lists none.
func TestChannelsOfAnOwnContract(t *testing.T) {
	s, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{wild("acme")}})
	require.NoError(t, err)
	for channel, fine := range map[string]bool{
		"": true, "sms": true, "a b": true, strings.Repeat("c", 255): true,
		strings.Repeat("c", 256): false, " a": false, "a\x00": false, "é": false, "\xff": false,
	} {
		err := subscribe(t, s.Org("acme"), sender.Subscription{
			URL: "https://example.com/", Events: []string{"*"}, Devices: []sender.Device{{ID: "d", Channel: channel}},
		})
		require.Equal(t, fine, err == nil, "%q: %v", channel, err)
		if !fine {
			require.ErrorContains(t, err, "Devices[0].Channel")
		}
	}
}
