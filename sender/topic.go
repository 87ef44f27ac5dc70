package sender

import (
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// A topic is an opaque string that a subscription and an event may share. The store intersects sets of them, so that
// fan-out needs no rule of any dialect: contract, type, channel and device, joined by what none of them can contain.
func topic(contract, eventType, channel, device string) string {
	return contract + " " + topicPart(eventType) + " " + topicPart(channel) + " " + topicPart(device)
}

// topicPart writes a space, which types and devices may have inside, as what they cannot have.
func topicPart(text string) string { return strings.ReplaceAll(text, " ", "\x1f") }

// maxTopics is what a Store must take for one event.
const maxTopics = 64

// fewestDots must be possible in a type, whatever contracts carry it.
const fewestDots = 4

// mostDots is how many dots the type of an event may have that these contracts carry, so that its topics fit.
func mostDots(carriers []*Contract) int {
	left, wild := maxTopics, 0
	for _, c := range carriers {
		if c.Events != nil {
			left-- // the type itself
			continue
		}
		wild++
	}
	switch {
	case left < 0:
		return -1
	case wild == 0:
		return maxType // one topic each, whatever the type
	}
	return left/wild - 2 // the type, "*", and a pattern for each dot
}

// carriers are the contracts that carry a source.
func (c Config) carriers(source envelope.Source) (list []*Contract) {
	for i := range c.Contracts {
		if slices.Contains(c.Contracts[i].Sources, source) {
			list = append(list, &c.Contracts[i])
		}
	}
	return list
}

// mostDotsOf is mostDots for the events that a subscription of the contract can get.
func (c Config) mostDotsOf(contract *Contract) int {
	most := 0
	for _, source := range contract.Sources {
		most = max(most, mostDots(c.carriers(source)))
	}
	return most
}

// eventTopics lists what could be subscribed to get ev: its type, and each pattern over it where the contract allows
// wildcards.
func (c *Contract) eventTopics(ev *envelope.Event) []string {
	if !c.Endpoint.Devices {
		return c.typeTopics(ev.Type, "", "")
	}
	return c.typeTopics(ev.Type, ev.Channel, c.Endpoint.PlainDevice(ev.Device))
}

func (c *Contract) typeTopics(eventType, channel, device string) []string {
	eventType = c.canonical(eventType)
	topics := []string{topic(c.Name, eventType, channel, device)}
	if c.Events != nil {
		return topics
	}
	for prefix := eventType; ; {
		dot := strings.LastIndexByte(prefix, '.')
		if dot < 0 {
			return append(topics, topic(c.Name, "*", channel, device))
		}
		prefix = prefix[:dot]
		topics = append(topics, topic(c.Name, prefix+".*", channel, device))
	}
}

// subscriptionTopics lists the topics of sub. Until it has been activated they are only those that may activate it,
// also if it was paused before.
func (c *Contract) subscriptionTopics(sub *Subscription) []string {
	devices := sub.Devices
	if !c.Endpoint.Devices {
		devices = []Device{{}}
	}
	var topics []string
	for _, d := range devices {
		for _, name := range sub.Events {
			eventType := c.canonical(name)
			if !c.sends(d.Channel, eventType) {
				continue
			}
			if c.Endpoint.PendingTest && sub.ActivatedAt.IsZero() &&
				!c.activates(envelope.Event{Type: eventType, Channel: d.Channel, Device: d.ID}) {
				continue
			}
			topics = append(topics, topic(c.Name, eventType, d.Channel, c.plain(d).ID))
		}
	}
	slices.Sort(topics)
	return slices.Compact(topics)
}

// plain is the device in the form by which devices are compared.
func (c *Contract) plain(d Device) Device {
	if c.Endpoint.Devices {
		d.ID = c.Endpoint.PlainDevice(d.ID)
	}
	return d
}

// links reports whether devices has d, however it is spelled.
func (c *Contract) links(devices []Device, d Device) bool {
	d = c.plain(d)
	return slices.ContainsFunc(devices, func(linked Device) bool { return c.plain(linked) == d })
}
