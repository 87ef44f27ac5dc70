package receiver_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
)

type thing struct{ N int }

func decodeThing(body []byte) (thing, error) {
	if string(body) == "bad" {
		return thing{}, errBad
	}
	return thing{len(body)}, nil
}

var errBad = errors.New("bad thing")

func event(source envelope.Source, typ, body string) *receiver.Event {
	return &receiver.Event{Event: envelope.Event{ID: "evt_1", Source: source, Type: typ, Body: []byte(body)}}
}

func TestMuxRoutes(t *testing.T) {
	var m receiver.Mux // the zero value
	var got []string
	receiver.On(&m, envelope.NewKind("acme", "a", decodeThing), func(
		_ context.Context, ev *receiver.Event, p thing,
	) error {
		require.Equal(t, len(ev.Body), p.N)
		got = append(got, "acme a")
		return nil
	})
	receiver.On(&m, envelope.NewKind("other", "a", decodeThing), func(context.Context, *receiver.Event, thing) error {
		got = append(got, "other a")
		return errors.New("from the handler")
	})
	ctx := context.Background()
	require.NoError(t, m.HandleEvent(ctx, event("acme", "a", "x")))
	require.ErrorContains(t, m.HandleEvent(ctx, event("other", "a", "x")), "from the handler")
	require.NoError(t, m.HandleEvent(ctx, event("acme", "b", "x")), "unrouted events are accepted")
	err := m.HandleEvent(ctx, event("acme", "a", "bad"))
	require.ErrorIs(t, err, receiver.ErrDecode)
	require.ErrorIs(t, err, errBad)
	require.ErrorContains(t, err, "acme a evt_1")

	m.Default(func(_ context.Context, ev *receiver.Event) error {
		got = append(got, "default "+ev.Type+" "+string(ev.Body))
		return nil
	})
	require.NoError(t, m.HandleEvent(ctx, event("acme", "b", "x")))
	require.NoError(t, m.HandleEvent(ctx, event("acme", "a", "bad")))
	require.Equal(t, []string{"acme a", "other a", "default b x", "default a bad"}, got)
	require.NoError(t, new(receiver.Mux).HandleEvent(ctx, event("acme", "b", "x")))
}

func TestMuxRegistrationPanics(t *testing.T) {
	handle := func(context.Context, *receiver.Event, thing) error { return nil }
	for want, register := range map[string]func(m *receiver.Mux){
		"receiver: On: kirim a is registered already": func(m *receiver.Mux) {
			receiver.On(m, kirim.NewKind[thing]("a"), handle)
			receiver.On(m, kirim.NewKind[thing]("a"), handle)
		},
		"receiver: On: nil handler": func(m *receiver.Mux) { receiver.On(m, kirim.NewKind[thing]("a"), nil) },
		"receiver: On: the kind has no source or no type": func(m *receiver.Mux) {
			receiver.On(m, envelope.Kind[thing]{}, handle)
		},
		"receiver: Default: nil handler": func(m *receiver.Mux) { m.Default(nil) },
		"receiver: Default: registered already": func(m *receiver.Mux) {
			m.Default(func(context.Context, *receiver.Event) error { return nil })
			m.Default(func(context.Context, *receiver.Event) error { return nil })
		},
	} {
		require.PanicsWithValue(t, want, func() { register(receiver.NewMux()) })
	}
}
