package receiver

import (
	"context"
	"errors"
	"fmt"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// ErrDecode is wrapped by the error of a [Mux] about a verified body that does not decode into the Go type of its kind.
// The answer is 500: a retry may meet a fixed version of the program.
var ErrDecode = errors.New("receiver: body does not decode into its kind")

// Mux is an [EventHandler] that routes events by source and type to the functions registered with [On]. An event that
// nobody registered for goes to the default handler. Without one it is accepted, since senders add types and disable
// subscriptions that refuse them. The zero Mux is ready to use.
//
// Register before serving; HandleEvent is safe for concurrent use.
type Mux struct {
	routes   map[route]HandlerFunc
	fallback HandlerFunc
}

type route struct {
	source envelope.Source
	typ    string
}

// NewMux returns an empty Mux.
func NewMux() *Mux { return &Mux{} }

// On registers h for events of kind k, which it gets decoded. It panics if k or h is missing or k is registered
// already, as [net/http.ServeMux] does. A verified body that does not decode goes to the default handler, or ends in
// [ErrDecode].
func On[P any](m *Mux, k envelope.Kind[P], h func(ctx context.Context, ev *Event, payload P) error) {
	if h == nil {
		panic("receiver: On: nil handler")
	}
	m.handle(route{k.Source(), k.Type()}, func(ctx context.Context, ev *Event) error {
		payload, err := k.Decode(ev.Body)
		if err != nil {
			return m.undecoded(ctx, ev, err)
		}
		return h(ctx, ev, payload)
	})
}

func (m *Mux) handle(r route, h HandlerFunc) {
	if r.source == "" || r.typ == "" {
		panic("receiver: On: the kind has no source or no type")
	}
	if _, taken := m.routes[r]; taken {
		panic(fmt.Sprintf("receiver: On: %s %s is registered already", r.source, r.typ))
	}
	if m.routes == nil {
		m.routes = make(map[route]HandlerFunc)
	}
	m.routes[r] = h
}

// Default registers h for events that nobody registered for and for bodies that did not decode. It panics if h is nil
// or a default is registered already.
func (m *Mux) Default(h HandlerFunc) {
	if h == nil {
		panic("receiver: Default: nil handler")
	}
	if m.fallback != nil {
		panic("receiver: Default: registered already")
	}
	m.fallback = h
}

// HandleEvent implements [EventHandler].
func (m *Mux) HandleEvent(ctx context.Context, ev *Event) error {
	h, ok := m.routes[route{ev.Source, ev.Type}]
	if !ok {
		h = m.fallback
	}
	if h == nil {
		return nil
	}
	return h(ctx, ev)
}

func (m *Mux) undecoded(ctx context.Context, ev *Event, err error) error {
	if m.fallback != nil {
		return m.fallback(ctx, ev)
	}
	return fmt.Errorf("%w: %s %s %s: %w", ErrDecode, ev.Source, ev.Type, ev.ID, bareOf(ev.Source, err))
}
