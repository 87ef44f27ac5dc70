package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/sender"
)

// source is where the events come from. Every event of one source has the same type, device and channel.
type source struct {
	first envelope.Event
	next  func() (envelope.Event, error)
	same  bool // each is the same event
	// requested is the type as a subscription names it: a legacy name, or the event's own.
	requested string
}

func newSource(o options) (source, error) {
	if o.file == "" {
		return sampled(o)
	}
	ev, err := readFile(o)
	if err != nil {
		return source{}, err
	}
	s := source{first: ev, requested: ev.Type, next: func() (envelope.Event, error) { return ev, nil }}
	switch {
	case ev.Source == envelope.Kirim && o.count > 1:
		s.next = func() (envelope.Event, error) { return renamed(ev) }
	case ev.Source == envelope.Kirisan && legacy(o.event) == ev.Type:
		s.requested = o.event
	}
	s.same = ev.Source == envelope.Meta && o.count > 1
	return s, nil
}

// legacy returns the type that a legacy name of Kirisan's means, "" if it is none.
func legacy(name string) string { return sender.Kirisan().Endpoint.Aliases[name] }

// renamed is ev under a fresh id. No other byte of the body changes.
func renamed(ev envelope.Event) (envelope.Event, error) {
	ev.ID = kirim.NewID("evt_")
	body, err := setMember(ev.Body, "id", ev.ID)
	ev.Body = body
	return ev, err
}

// sampled makes live events of the samples that the contract makes tests of.
func sampled(o options) (source, error) {
	origin, eventType, err := pickSample(o)
	if err != nil {
		return source{}, err
	}
	device := sender.Device{ID: cmp.Or(o.device, "device-1")}
	contract := newContract(o)
	next := func() (envelope.Event, error) {
		ev, err := contract.Sample(cmp.Or(legacy(eventType), eventType), device)
		if err != nil {
			return ev, fmt.Errorf("sample of %s: %w", eventType, err)
		}
		mark := liveMark(origin)
		if mark == "" {
			return ev, nil
		}
		ev.Body, err = setMember(ev.Body, mark, true)
		ev.Test = false
		return ev, err
	}
	first, err := next()
	return source{first: first, next: next, requested: eventType}, err
}

// liveMark names the member of a body that says whether it is a test, "" where there is none.
func liveMark(s envelope.Source) string {
	switch s {
	case envelope.Kirim:
		return "livemode"
	case envelope.Kirisan:
		return "production"
	}
	return ""
}

// pickSample finds the sample that is asked for, or the dialect's plainest.
func pickSample(o options) (envelope.Source, string, error) {
	origins := []envelope.Source{envelope.Kirim, envelope.Meta}
	switch {
	case o.dialect == kirisanDialect:
		origins = []envelope.Source{envelope.Kirisan}
	case o.source != "":
		origins = []envelope.Source{o.source}
	}
	var known []string
	for _, origin := range origins {
		types := samples.Types(origin)
		if o.event == "" {
			return origin, types[0], nil
		}
		if slices.Contains(types, cmp.Or(legacy(o.event), o.event)) {
			return origin, o.event, nil
		}
		known = append(known, types...)
	}
	return "", "", fmt.Errorf("-event %q: no sample; name one of %s, or give a whole body with -file", o.event,
		strings.Join(known, ", "))
}
