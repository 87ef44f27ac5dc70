package console

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender"
)

// form is what people fill in about a subscription.
type form struct {
	ID       string // "" for a new one
	Contract string
	Others   []string // contracts that it could have instead

	Name, Description, URL, Rate string

	Types     []typeChoice
	Channels  []string // columns of the types' matrix; none where every type is on every channel
	Wildcards bool     // other types and patterns may be named
	Other     string   // those, a line each

	Linked  bool // subscriptions of this contract name devices
	Devices []deviceRow

	Headers string // a line each, "Name: value"
	Secret  secretField

	HostChanged bool   // asks what becomes of the secret
	Move        string // "renew" or "keep"
	Wrong       map[string][]string
}

// typeChoice is one row of the types' matrix.
type typeChoice struct {
	Name    string
	Checked bool
	On      []bool // by Channels
}

// deviceRow is one line of the devices.
type deviceRow struct{ ID, Channel string }

// secretField says what a new subscription may bring along.
type secretField struct{ Optional bool }

// hiddenValue stands for a header's value that is kept as it is.
const hiddenValue = "••••••••"

// blankDevices is how many empty lines the form has beyond the devices that there are.
const blankDevices = 2

// newForm is the form of sub as it is.
func (v *visit) newForm(c *sender.Contract, sub *sender.Subscription) form {
	f := form{
		ID: sub.ID, Contract: c.Name, Name: sub.Name, Description: sub.Description, URL: sub.URL,
		Wildcards: c.Events == nil, Linked: c.Endpoint.Devices, Secret: secretField{c.Secrets.Optional},
		Wrong: map[string][]string{},
	}
	if sub.Rate != 0 {
		f.Rate = strconv.FormatFloat(sub.Rate, 'f', -1, 64)
	}
	for _, d := range sub.Devices {
		f.Devices = append(f.Devices, deviceRow(d))
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(sub.Headers)) {
		lines = append(lines, name+": "+hiddenValue)
	}
	f.Headers = strings.Join(lines, "\n")
	f.offer(v, c)
	f.choose(c, sub.Events)
	return f
}

// offer fills in what there is to choose from.
func (f *form) offer(v *visit, c *sender.Contract) {
	f.Channels = channelsOf(c)
	for range blankDevices {
		f.Devices = append(f.Devices, deviceRow{})
	}
	if f.ID == "" {
		for _, other := range v.contracts {
			f.Others = append(f.Others, other.Name)
		}
	}
}

// choose ticks the types that events names, and writes the others down as text.
func (f *form) choose(c *sender.Contract, events []string) {
	var rest []string
	offered := typesOf(c)
	if f.Wildcards {
		offered = append([]string{"*"}, offered...)
	}
	for _, e := range events {
		if !slices.Contains(offered, e) {
			rest = append(rest, e)
		}
	}
	if !f.Wildcards { // a legacy name, which can be kept and not be added
		offered, rest = append(offered, rest...), nil
	}
	f.Types, f.Other = nil, strings.Join(rest, "\n")
	for _, name := range offered {
		t := typeChoice{Name: name, Checked: slices.Contains(events, name)}
		for _, channel := range f.Channels {
			real := cmp.Or(c.Endpoint.Aliases[name], name)
			t.On = append(t.On, slices.Contains(c.Events[channel], real))
		}
		f.Types = append(f.Types, t)
	}
}

// read takes what was sent, to show it again.
func (f *form) read(v *visit, c *sender.Contract, sent url.Values) (events []string) {
	f.Name, f.Description = sent.Get("name"), sent.Get("description")
	f.URL, f.Rate, f.Headers = strings.TrimSpace(sent.Get("url")), strings.TrimSpace(sent.Get("rate")), sent.Get("headers")
	f.Move = sent.Get("move")
	f.Devices = nil
	channels := sent["device_channel"]
	for i, id := range sent["device"] {
		row := deviceRow{ID: strings.TrimSpace(id)}
		if i < len(channels) {
			row.Channel = channels[i]
		}
		if row.ID != "" {
			f.Devices = append(f.Devices, row)
		}
	}
	f.offer(v, c)
	events = slices.Clone(sent["event"])
	for _, line := range lines(sent.Get("other")) {
		if !slices.Contains(events, line) {
			events = append(events, line)
		}
	}
	f.choose(c, events)
	return events
}

// lines are the lines of a text field that say something.
func lines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// apply puts the form into a subscription. What cannot be read is complained of beside its field.
func (f *form) apply(v *visit, events []string, sub *sender.Subscription) {
	sub.Name, sub.Description, sub.URL, sub.Events = f.Name, f.Description, f.URL, events
	sub.Devices = nil
	for _, d := range f.Devices {
		if d.ID != "" {
			sub.Devices = append(sub.Devices, sender.Device(d))
		}
	}
	sub.Rate = 0
	if f.Rate != "" {
		rate, err := strconv.ParseFloat(f.Rate, 64)
		if err != nil {
			f.complain("rate", v.language.Say("form.rate.wrong"))
		}
		sub.Rate = rate
	}
	old := sub.Headers
	sub.Headers = nil
	for _, line := range lines(f.Headers) {
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if value == hiddenValue {
			value = old[name]
		}
		if !ok || value == "" {
			f.complain("headers", v.language.Say("form.headers.wrong", name))
			continue
		}
		if sub.Headers == nil {
			sub.Headers = map[string]string{}
		}
		sub.Headers[name] = value
	}
}

func (f *form) complain(field, text string) {
	if !slices.Contains(f.Wrong[field], text) {
		f.Wrong[field] = append(f.Wrong[field], text)
	}
}

// refuse puts what the sender complains of beside the fields. It reports whether that is all there is to err.
func (f *form) refuse(err error) bool {
	list := sender.FieldErrors(err)
	for _, e := range list {
		name, _, _ := strings.Cut(e.Field, "[")
		name = strings.ToLower(name)
		text := e.Err.Error()
		switch {
		case name == "devices":
			f.complainOfDevice(e.Field, text)
			continue
		case name == "headers":
			text = strings.TrimPrefix(e.Field, "Headers") + " " + text
		case name == "secrets":
			name = "secret"
		}
		f.complain(name, text)
	}
	return len(list) > 0
}

// complainOfDevice names the device that a complaint is about.
func (f *form) complainOfDevice(field, text string) {
	var i int
	if _, err := fmt.Sscanf(field, "Devices[%d]", &i); err == nil && i < len(f.Devices) {
		text = f.Devices[i].ID + ": " + text
	}
	f.complain("devices", text)
}

// page is the answer that shows the form.
func (f *form) page(v *visit) answer {
	a := answer{template: "form", section: "webhooks", title: v.language.Say("form.new"), data: f}
	if f.ID != "" {
		a.title = v.language.Say("form.edit")
	}
	if len(f.Wrong) > 0 || f.HostChanged {
		a.status = http.StatusUnprocessableEntity
	}
	return a
}
