package console

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// headerLine is one header of a request.
type headerLine struct {
	Name  string
	Value string // what comes before the hidden part
	// Hidden: the rest of the value is a secret, depends on one, or was set by the subscription's owner.
	Hidden bool
}

// headers are those of the last attempt of a delivery, or of its first one. They are made anew, since the log does not
// keep them.
func (v *visit) headers(sub *sender.Subscription, ev *envelope.Event, page *deliveryPage) []headerLine {
	i := slices.IndexFunc(v.contracts, func(c sender.Contract) bool { return c.Name == sub.Contract })
	if i < 0 {
		return nil
	}
	contract := &v.contracts[i]
	o := sender.Outgoing{
		Event: *ev, DeliveryID: page.ID, Attempt: 1, Test: page.Test, Requested: requested(contract, sub, ev.Type),
		Now: time.Now(),
	}
	if n := len(page.Attempts); n > 0 {
		o.Attempt, o.Now = page.Attempts[n-1].N, page.Attempts[n-1].At
	}
	one, other := signed(contract, sub, o), signed(contract, sub, o)
	var lines []headerLine
	for _, name := range slices.Sorted(maps.Keys(one)) {
		lines = append(lines, compare(name, one.Get(name), other.Get(name)))
	}
	for _, name := range slices.Sorted(maps.Keys(sub.Headers)) {
		lines = append(lines, headerLine{Name: http.CanonicalHeaderKey(name), Hidden: true})
	}
	return lines
}

// requested is the type as the subscription names it.
func requested(c *sender.Contract, sub *sender.Subscription, eventType string) string {
	for _, name := range sub.Events {
		if c.Endpoint.Aliases[name] == eventType && !slices.Contains(sub.Events, eventType) {
			return name
		}
	}
	return eventType
}

// signed are the headers of an attempt under secrets that were made for this page. Nothing if the contract fails.
func signed(c *sender.Contract, sub *sender.Subscription, o sender.Outgoing) (h http.Header) {
	defer func() {
		if recover() != nil {
			h = nil
		}
	}()
	h = http.Header{"Content-Type": {"application/json"}, "User-Agent": {c.UserAgent}}
	if c.Render != nil {
		body, contentType, err := c.Render(o.Event)
		if err != nil {
			return nil
		}
		o.Event.Body = body
		h.Set("Content-Type", cmp.Or(contentType, "application/json"))
	}
	o.Secrets = nil
	for range sub.Secrets {
		o.Secrets = append(o.Secrets, signature.NewSecret(c.Secrets.Generate().Reveal()))
	}
	if err := c.Sign(h, o); err != nil {
		return nil
	}
	return h
}

// compare tells what depends on the secrets: where two sets of them give another value, what follows is hidden.
func compare(name, one, other string) headerLine {
	if one == other {
		return headerLine{Name: name, Value: one}
	}
	same := 0
	for same < min(len(one), len(other)) && one[same] == other[same] {
		same++
	}
	// A part of a secret may be the same by chance, or because all of them begin so.
	return headerLine{Name: name, Value: one[:strings.LastIndexAny(one[:same], ",= ")+1], Hidden: true}
}
