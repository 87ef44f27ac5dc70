package sender

import (
	"slices"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// canonical is the type that a legacy name means.
func (c *Contract) canonical(eventType string) string {
	if known, ok := c.Endpoint.Aliases[eventType]; ok {
		return known
	}
	return eventType
}

// requested is how sub names the type of an event: its own legacy name, if that is what it subscribed to.
func (c *Contract) requested(sub *Subscription, eventType string) string {
	canonical := c.canonical(eventType)
	if slices.Contains(sub.Events, canonical) {
		return canonical
	}
	for _, name := range sub.Events {
		if name != canonical && c.canonical(name) == canonical {
			return name
		}
	}
	return eventType
}

// sends reports whether events of that type occur on that channel.
func (c *Contract) sends(channel, eventType string) bool {
	if c.Events == nil {
		return true
	}
	return slices.Contains(c.Events[channel], eventType) || slices.Contains(c.Events[""], eventType)
}

// sendsAny is sends for a subscription to these devices.
func (c *Contract) sendsAny(devices []Device, eventType string) bool {
	return c.sends("", eventType) || slices.ContainsFunc(devices,
		func(d Device) bool { return c.sends(d.Channel, eventType) })
}

func (c *Contract) activates(ev envelope.Event) bool {
	return c.Endpoint.PendingTest && c.Endpoint.Activates != nil && c.Endpoint.Activates(ev)
}
