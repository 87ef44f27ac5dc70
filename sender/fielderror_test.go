package sender_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
	"github.com/kirimhooks/kirimhooks/signature"
)

// fields are those that an error complains about.
func fields(err error) (names []string) {
	for _, e := range sender.FieldErrors(err) {
		names = append(names, e.Field)
	}
	return names
}

func TestFieldErrors(t *testing.T) {
	s, err := sender.New(memstore.New(), sender.Config{Contracts: []sender.Contract{sender.Kirim(), sender.Kirisan()}})
	require.NoError(t, err)
	org, ctx := s.Org("acme"), t.Context()
	good := sender.Subscription{URL: "https://example.com/", Events: []string{"*"}}
	sub, _, err := org.Subscribe(ctx, good)
	require.NoError(t, err)
	own := func(sub sender.Subscription, secrets ...signature.Secret) error {
		_, _, err := org.Subscribe(ctx, sub, secrets...)
		return err
	}
	body := []byte(`{"id":"evt_1","type":"contact.created","created_at":"2026-01-01T00:00:00Z","data":{}}`)
	publish := func(ev envelope.Event) error {
		_, err := org.Publish(ctx, ev)
		return err
	}
	rotate := func(how sender.Rotation) error {
		_, err := org.RotateSecret(ctx, sub.ID, how)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"several at once": {own(sender.Subscription{
			URL: "http://10.0.0.1/", Name: "\xff", Rate: -1, Events: []string{"*", "a*b", "*"},
			Headers: map[string]string{"X-Kirim-Event": "x"},
		}), []string{"URL", "Name", "Rate", "Events[1]", "Events[2]", `Headers["X-Kirim-Event"]`}},
		"the contract": {own(sender.Subscription{Contract: "none", URL: good.URL, Events: good.Events}),
			[]string{"Contract"}},
		"devices": {own(sender.Subscription{Contract: "kirisan", URL: good.URL, Events: []string{"submission"}}),
			[]string{"Events[0]", "Devices"}},
		"a secret":        {own(good, signature.NewSecret("short")), []string{"secrets[0]"}},
		"an overlap":      {rotate(sender.Rotation{Overlap: -time.Second}), []string{"Overlap"}},
		"id and type":     {publish(envelope.Event{Source: envelope.Kirim, ID: "evt_2", Body: body}), []string{"ID"}},
		"the type":        {publish(envelope.Event{Source: envelope.Kirim, Type: "other", Body: body}), []string{"Type"}},
		"the body":        {publish(envelope.Event{Source: envelope.Kirim, Body: []byte("{")}), []string{"Body"}},
		"not of a field":  {sender.ErrNotFound, nil},
		"nothing":         {nil, nil},
		"a wrapped cause": {fmt.Errorf("call: %w", own(sender.Subscription{URL: "x", Events: good.Events})), []string{"URL"}},
	} {
		require.Equal(t, c.want, fields(c.err), "%s: %v", name, c.err)
	}
	err = own(sender.Subscription{URL: "http://example.com/", Events: []string{"a*b"}})
	require.ErrorIs(t, err, sender.ErrForbiddenURL)
	require.ErrorIs(t, err, sender.ErrInvalid)
}

// A form shows each complaint beside its field.
func ExampleFieldErrors() {
	s, err := sender.New(memstore.New(), sender.Config{})
	if err != nil {
		panic(err)
	}
	_, _, err = s.Org("acme").Subscribe(context.Background(),
		sender.Subscription{URL: "https://example.com:80/", Events: []string{"contact*"}})
	for _, e := range sender.FieldErrors(err) {
		fmt.Println(e.Field, "-", e.Err)
	}
	var first *sender.FieldError
	fmt.Println(errors.As(err, &first), first.Field)
	// Output:
	// URL - port 80 is closed; only 443 may be used
	// Events[0] - "contact*" is no type, and no pattern like "*" or "contact.*"
	// true URL
}
