package console

import (
	"cmp"
	"maps"
	"net/url"
	"slices"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// maxChoices bounds the webhooks that a form lists; an org has 100 unless its host allows more.
const maxChoices = 500

// choices are what a filter, or a form, offers.
type choices struct {
	Webhooks []webhookName
	States   []sender.State
	Types    []string
	Channels []string
	Spans    []string
}

// webhookName is what people call a subscription.
type webhookName struct {
	ID   string
	Name string // its name, else its host; "" if it is gone
}

func nameOf(sub *sender.Subscription) webhookName {
	name := cmp.Or(sub.Name, sub.URL)
	if u, err := url.Parse(sub.URL); sub.Name == "" && err == nil && u.Host != "" {
		name = u.Host + u.EscapedPath()
	}
	return webhookName{sub.ID, dashboard.Shortened(dashboard.Legible(cmp.Or(name, sub.ID)))}
}

func (v *visit) choices() (choices, error) {
	c := choices{States: states, Types: v.types(), Channels: v.channels(), Spans: spans}
	for sub, err := range v.org.Subscriptions(v.ctx(), sender.SubscriptionQuery{Limit: maxChoices}) {
		if err != nil {
			return c, err
		}
		c.Webhooks = append(c.Webhooks, nameOf(&sub))
	}
	slices.SortFunc(c.Webhooks, func(a, b webhookName) int { return cmp.Compare(a.Name, b.Name) })
	return c, nil
}

// webhookNames names the subscriptions of ids that there still are.
func (v *visit) webhookNames(ids []string) (map[string]webhookName, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	names := make(map[string]webhookName, len(ids))
	for _, id := range ids {
		names[id] = webhookName{ID: id}
	}
	if len(ids) == 0 {
		return names, nil
	}
	for sub, err := range v.org.Subscriptions(v.ctx(), sender.SubscriptionQuery{IDs: ids}) {
		if err != nil {
			return names, err
		}
		names[sub.ID] = nameOf(&sub)
	}
	return names, nil
}

// types are those that the contracts know of.
func (c *console) types() []string {
	known := map[string]bool{}
	for i := range c.contracts {
		for _, t := range typesOf(&c.contracts[i]) {
			known[t] = true
		}
	}
	return slices.Sorted(maps.Keys(known))
}

// typesOf lists the types of a contract, in its own order.
func typesOf(c *sender.Contract) []string {
	list := slices.Clone(c.Types)
	for _, channel := range channelsOf(c) {
		list = append(list, c.Events[channel]...)
	}
	var once []string
	for _, t := range list {
		if !slices.Contains(once, t) {
			once = append(once, t)
		}
	}
	return once
}

// channels are those on which the contracts have devices.
func (c *console) channels() (list []string) {
	for i := range c.contracts {
		if c.contracts[i].Endpoint.Devices {
			list = append(list, channelsOf(&c.contracts[i])...)
		}
	}
	return list
}

// channelsOf lists a contract's channels, those with fewer types first, then by name.
func channelsOf(c *sender.Contract) []string {
	list := slices.DeleteFunc(slices.Sorted(maps.Keys(c.Events)), func(channel string) bool { return channel == "" })
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(len(c.Events[a]), len(c.Events[b])) })
	return list
}
