package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/sender"
)

// everyKind publishes bodies of every event type of both dialects, on every channel, and holds what was handled
// against what was published.
func everyKind(ctx context.Context, s *stage) error {
	before := s.integrator.count()
	c, err := publishCorpus(ctx, s.platform)
	if err != nil {
		return err
	}
	for range c.deliveries {
		d, _, err := s.platform.outcome(ctx)
		if err != nil {
			return err
		}
		if err := errors.Join(expect("the state of "+d.EventType, d.State, sender.StateDelivered),
			expect("its attempts", d.Attempt, 1)); err != nil {
			return err
		}
	}
	arrived := s.integrator.since(before)
	for _, row := range byPayload(arrived) {
		s.say(row.payload, "%2d  %s", row.bodies, row)
	}
	s.say(fmt.Sprintf("%d published", c.published),
		"%d delivered, %d told before under the same id, %d of a type that was not subscribed to",
		c.deliveries, c.known, c.unwanted)
	for _, h := range arrived {
		c.bodies[string(h.Body)]--
	}
	for body, missing := range c.bodies {
		if missing != 0 {
			return fmt.Errorf("a body of %d bytes is missing %d times: %.80s…", len(body), missing, body)
		}
	}
	return complete(arrived)
}

// corpus is what became of the bodies that were published.
type corpus struct {
	published, deliveries, known, unwanted int
	bodies                                 map[string]int // body → how often it is to arrive
}

func publishCorpus(ctx context.Context, p *platform) (corpus, error) {
	c := corpus{bodies: map[string]int{}}
	seen := map[string]bool{}
	for sample := range samples.Corpus() {
		receipt, err := p.org.Publish(ctx, envelope.Event{Source: sample.Source, Body: sample.Body})
		if err != nil {
			return c, fmt.Errorf("%s: %w", sample.Name, err)
		}
		c.published++
		wanted := 1
		switch {
		case seen[receipt.EventID]:
			c.known++
			wanted = 0
		case sample.Source == envelope.Kirisan && !slices.Contains(p.kirisan.Events, kirisanType(sample.Body)):
			c.unwanted++
			wanted = 0
		}
		c.deliveries += wanted
		c.bodies[string(sample.Body)] += wanted
		err = errors.Join(expect("deliveries", receipt.Deliveries, wanted),
			expect("duplicate", receipt.Duplicate, seen[receipt.EventID]))
		if err != nil {
			return c, fmt.Errorf("%s: %w", sample.Name, err)
		}
		seen[receipt.EventID] = true
	}
	return c, nil
}

func kirisanType(body []byte) string {
	ev, err := kirisan.ParseEvent(body)
	if err != nil {
		return ""
	}
	return ev.Type
}

// undecoded is how an event of a type without a kind is handled.
const undecoded = "json.RawMessage"

// complete checks that every type, on every channel, was handled as the Go type of its kind.
func complete(arrived []handled) error {
	got := map[string]bool{}
	for _, h := range arrived {
		if h.payload != undecoded {
			got[kindOf(h.Source, h.Type, h.Channel)] = true
		}
	}
	var errs []error
	for _, source := range []envelope.Source{envelope.Kirim, envelope.Meta, envelope.Kirisan} {
		channels := []string{""}
		if source == envelope.Kirisan {
			channels = []string{"whatsapp", "telegram", "waba"}
		}
		for _, eventType := range samples.Types(source) {
			for _, channel := range channels {
				kind := kindOf(source, eventType, channel)
				if _, exists := samples.Body(source, eventType, channel); exists && !got[kind] {
					errs = append(errs, fmt.Errorf("no %s was handled", kind))
				}
			}
		}
	}
	return errors.Join(errs...)
}

func kindOf(source envelope.Source, eventType, channel string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", source, eventType, channel))
}
