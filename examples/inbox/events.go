package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// newMux prints every kind of event with the Go type it decodes to, and any other with that of its raw body.
func newMux(p *printer) *receiver.Mux {
	mux := receiver.NewMux()
	on(mux, p, kirim.ContactCreated, kirim.ContactUpdated)
	on(mux, p, kirim.ContactIdentityUpdated)
	on(mux, p, kirim.ConversationAssigned, kirim.ConversationClosed)
	on(mux, p, kirim.MessageCreated, kirim.MessageSent, kirim.MessageEdited, kirim.MessageRevoked)
	on(mux, p, kirim.CustomerCreated, kirim.CustomerUpdated, kirim.CustomerArchived,
		kirim.CustomerOnboarded, kirim.CustomerSetupLinkCreated, kirim.CustomerSetupLinkConsumed)
	on(mux, p, meta.MessageReceived, meta.MessageStatus)
	on(mux, p, kirisan.IncomingMessageEvent)
	on(mux, p, kirisan.SubmissionEvent)
	on(mux, p, kirisan.MessageStatusEvent)
	mux.Default(func(_ context.Context, ev *receiver.Event) error { return p.print(ev, ev.Body) })
	return mux
}

func on[P any](mux *receiver.Mux, p *printer, kinds ...envelope.Kind[P]) {
	for _, kind := range kinds {
		receiver.On(mux, kind, func(_ context.Context, ev *receiver.Event, payload P) error {
			return p.print(ev, payload)
		})
	}
}

// line is what is printed of a handled event. The order of the fields is that of the output.
type line struct {
	Source     envelope.Source `json:"source"`
	Type       string          `json:"type"`
	ID         string          `json:"id"`
	DeliveryID string          `json:"delivery_id"`
	Attempt    int             `json:"attempt"`
	Device     string          `json:"device"`
	Live       bool            `json:"live"`
	Payload    string          `json:"payload"`
	Bytes      int             `json:"bytes"`
}

// printer writes whole lines, whoever else writes.
type printer struct {
	mu  sync.Mutex
	out *json.Encoder
}

func newPrinter(w io.Writer) *printer { return &printer{out: json.NewEncoder(w)} }

// print is the effect of an event. An error, such as a full disk, fails the event, so that it comes again.
func (p *printer) print(ev *receiver.Event, payload any) error {
	l := line{
		Source:     ev.Source,
		Type:       ev.Type,
		ID:         ev.ID,
		DeliveryID: ev.DeliveryID,
		Attempt:    ev.Attempt,
		Device:     ev.Device,
		Live:       !ev.Test,
		Payload:    fmt.Sprintf("%T", payload),
		Bytes:      len(ev.Body),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.out.Encode(l); err != nil {
		return fmt.Errorf("inbox: print %s %s: %w", ev.Type, ev.ID, err)
	}
	return nil
}
