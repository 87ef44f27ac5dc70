package sender_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/sender"
)

// Bodies that were refused somewhere once are published as they are, and arrive byte for byte.
func TestOddBodiesArePublished(t *testing.T) {
	files, err := filepath.Glob("testdata/reports/*.json")
	require.NoError(t, err)
	require.Len(t, files, 22)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			if strings.HasPrefix(filepath.Base(file), "kirisan-") {
				arrives(t, envelope.Event{Source: envelope.Kirisan, Body: body})
			} else {
				arrives(t, envelope.Event{Source: envelope.Meta, Body: body})
			}
		})
	}
}

// Meta's largest notifications fit without being configured for.
func TestLargeBodyIsPublished(t *testing.T) {
	message := `{"from":"62811","id":"wamid.OLD=","timestamp":"1","type":"text","text":{"body":"` +
		strings.Repeat("x", 3_000_000) + `"}}`
	arrives(t, envelope.Event{Source: envelope.Meta, Body: []byte(
		`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"history","value":{"messages":[` +
			message + `]}}]}]}`)})
}

func arrives(t *testing.T, ev envelope.Event) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{sender.Kirim(), sender.Kirisan()}})
		sub := sender.Subscription{URL: "https://example.com/", Events: []string{"*"}}
		if ev.Source == envelope.Kirisan {
			stated, err := kirisan.ParseEvent(ev.Body)
			require.NoError(t, err)
			if stated.Device == "" {
				ev.Device = "628"
				stated.Device = ev.Device
			}
			sub.Contract, sub.Events = "kirisan", []string{stated.Type}
			sub.Devices = []sender.Device{{ID: stated.Device, Channel: stated.Channel}}
		}
		made, _, err := r.org.Subscribe(t.Context(), sub)
		require.NoError(t, err)
		if ev.Source == envelope.Kirisan {
			_, err = r.org.Test(t.Context(), made.ID, sender.TestRequest{})
			require.NoError(t, err)
		}
		require.Equal(t, 1, r.publish(t, ev).Deliveries)
		synctest.Wait()
		got := r.far.requests()
		require.Equal(t, string(ev.Body), string(got[len(got)-1].body))
	})
}

// A device is one however it is spelled: by the caller, in the body, and by the subscription.
func TestSpellingsOfADevice(t *testing.T) {
	spellings := []string{"6281", "+6281", "+62 81"}
	for _, linked := range spellings {
		for _, told := range append(spellings, "") {
			for _, stated := range append(spellings, "") {
				if told == "" && stated == "" {
					continue
				}
				bubble(t, func(t *testing.T) {
					r := newRig(t, statuses(200), kirisanOnly())
					sub := r.subscribeKirisan(t, []string{"incoming_message"}, []sender.Device{{ID: linked, Channel: "whatsapp"}})
					_, err := r.org.Test(t.Context(), sub.ID, sender.TestRequest{})
					require.NoError(t, err)
					ev := envelope.Event{Source: envelope.Kirisan, Device: told, Body: []byte(
						`{"event":"incoming_message","device":"` + stated + `","channel":"whatsapp","production":true}`)}
					explained, err := r.org.Match(t.Context(), ev)
					require.NoError(t, err)
					require.Equal(t, "matched", explained[0].Result)
					require.Equal(t, 1, r.publish(t, ev).Deliveries, "%q in %q for %q", told, stated, linked)
					time.Sleep(time.Second)
					sent := told
					if told == "" {
						sent = stated
					}
					require.Equal(t, sent, r.far.requests()[1].header.Get("X-Kirisan-Device"), "as the caller spells it")
				})
			}
		}
	}
}

func TestDevicesThatAreNotTheSame(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), kirisanOnly())
		_, err := r.org.Publish(t.Context(), envelope.Event{Source: envelope.Kirisan, Device: "6281", Body: []byte(
			`{"event":"incoming_message","device":"+6282","channel":"whatsapp"}`)})
		require.ErrorIs(t, err, sender.ErrInvalid)
		require.ErrorContains(t, err, `Device: "6281" is not the body's "+6282"`)
		_, _, err = r.org.Subscribe(t.Context(), sender.Subscription{
			URL: "https://example.com/", Events: []string{"incoming_message"},
			Devices: []sender.Device{{ID: "6281", Channel: "whatsapp"}, {ID: "+6281", Channel: "whatsapp"}},
		})
		require.ErrorContains(t, err, "Devices[1]: +6281 stands twice")
	})
}

// Ids, types and devices are published by the rule that receivers read them by.
func TestNamesAreTakenAsReceiversTakeThem(t *testing.T) {
	for name, ok := range map[string]bool{
		"a": true, "my field": true, "~!": true, strings.Repeat("x", 128): true,
		" a": false, "a ": false, "a\tb": false, "é": false, "a\x00": false,
	} {
		bubble(t, func(t *testing.T) {
			r := newRig(t, statuses(200), sender.Config{})
			want := error(nil)
			if !ok {
				want = sender.ErrInvalid
			}
			ev := envelope.Event{Source: envelope.Meta, Type: name, Body: []byte(`{"entry":[{"changes":[{"field":"flows"}]}]}`)}
			_, _, err := r.org.Subscribe(t.Context(), sender.Subscription{URL: "https://example.com/", Events: []string{name}})
			require.ErrorIs(t, err, want, "subscribe %q", name)
			receipt, err := r.org.Publish(t.Context(), ev)
			require.ErrorIs(t, err, want, "publish %q", name)
			if ok {
				require.Equal(t, 1, receipt.Deliveries)
			}
		})
	}
}

// A space inside a name does not make one topic of two.
func TestSpacesInNamesSelect(t *testing.T) {
	bubble(t, func(t *testing.T) {
		contract := sender.Contract{
			Name: "acme", Sources: []envelope.Source{"acme"}, Endpoint: sender.EndpointRule{Devices: true},
			Sign: sender.Kirim().Sign,
		}
		r := newRig(t, statuses(200), sender.Config{Contracts: []sender.Contract{contract}})
		_, _, err := r.org.Subscribe(t.Context(), sender.Subscription{
			URL: "https://example.com/", Events: []string{"a b"}, Devices: []sender.Device{{ID: "c d", Channel: "x"}},
		})
		require.NoError(t, err)
		event := func(eventType, channel, device string) envelope.Event {
			return envelope.Event{Source: "acme", Type: eventType, Channel: channel, Device: device, Body: []byte(`{}`)}
		}
		require.Equal(t, 1, r.publish(t, event("a b", "x", "c d")).Deliveries)
		require.Zero(t, r.publish(t, event("a", "b x c", "d")).Deliveries)
		require.Zero(t, r.publish(t, event("a", "b x", "c d")).Deliveries)
	})
}
