package sender

import (
	"maps"
	"slices"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Subscription is a URL, the events it wants, and who owns it.
type Subscription = driver.Subscription

// Device is a line or bot that events come from.
type Device = driver.Device

// SecretInfo is what may be shown of a signing secret.
type SecretInfo = driver.SecretInfo

// SubscriptionQuery selects subscriptions of one org.
type SubscriptionQuery = driver.SubscriptionQuery

// Status is what a subscription's owner, or its health, made of it.
type Status = driver.Status

// The states of a subscription. Only StatusActive gets live events.
const (
	StatusActive      = driver.StatusActive
	StatusPaused      = driver.StatusPaused      // by its owner
	StatusDisabled    = driver.StatusDisabled    // by its health, see Contract.Disable
	StatusPendingTest = driver.StatusPendingTest // until a Test succeeds, see EndpointRule.PendingTest
)

// Health is what a [Contract] judges a subscription by.
type Health = driver.Health

// clone copies s, so that neither shares a slice or map with the other.
func clone(s *Subscription) Subscription {
	c := *s
	c.Events = slices.Clone(s.Events)
	c.Devices = slices.Clone(s.Devices)
	c.Headers = maps.Clone(s.Headers)
	c.Secrets = slices.Clone(s.Secrets)
	return c
}
