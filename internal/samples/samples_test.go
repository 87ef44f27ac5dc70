package samples_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

func TestBodyIsLiveAndOfItsType(t *testing.T) {
	read := map[envelope.Source]func([]byte) (envelope.Event, error){
		envelope.Kirim: kirim.ParseEvent, envelope.Meta: meta.NewEvent, envelope.Kirisan: kirisan.ParseEvent,
	}
	types := 0
	for source, parse := range read {
		for _, eventType := range samples.Types(source) {
			types++
			body, ok := samples.Body(source, eventType, "")
			require.True(t, ok, eventType)
			ev, err := parse(body)
			require.NoError(t, err)
			require.Equal(t, eventType, ev.Type)
			require.False(t, ev.Test)
		}
	}
	require.Equal(t, 15+2+3, types)
}

func TestBodyByChannel(t *testing.T) {
	for _, eventType := range samples.Types(envelope.Kirisan) {
		for _, channel := range []string{"whatsapp", "telegram", "waba"} {
			body, ok := samples.Body(envelope.Kirisan, eventType, channel)
			require.Equal(t, eventType != "message_status" || channel == "waba", ok)
			if ok {
				ev, err := kirisan.ParseEvent(body)
				require.NoError(t, err)
				require.Equal(t, channel, ev.Channel)
			}
		}
	}
}

func TestBodyOfNothing(t *testing.T) {
	for _, c := range []struct {
		source             envelope.Source
		eventType, channel string
	}{
		{envelope.Kirim, "order.paid", ""},
		{envelope.Kirim, "message.received", ""},
		{envelope.Meta, "contact.created", ""},
		{envelope.Kirisan, "incoming_message", "email"},
		{envelope.Kirim, "contact.created", "whatsapp"},
		{envelope.Standard, "contact.created", ""},
	} {
		body, ok := samples.Body(c.source, c.eventType, c.channel)
		require.False(t, ok, c)
		require.Nil(t, body)
	}
	require.Empty(t, samples.Types("acme"))
}

func TestBodyIsTheCallers(t *testing.T) {
	first, _ := samples.Body(envelope.Meta, "message.received", "")
	clear(first)
	second, _ := samples.Body(envelope.Meta, "message.received", "")
	require.NotEqual(t, first, second)
}

func TestCorpus(t *testing.T) {
	var names []string
	for s := range samples.Corpus() {
		names = append(names, s.Name)
		require.NotEmpty(t, s.Body)
		dir, _, _ := strings.Cut(s.Name, "/")
		if dir == "meta" {
			require.Empty(t, s.Headers, s.Name)
			require.Equal(t, envelope.Meta, s.Source)
			continue
		}
		require.Equal(t, "application/json", s.Headers.Get("Content-Type"), s.Name)
		require.NotEmpty(t, s.Headers.Get("X-"+dir+"-Event"), s.Name)
		if strings.HasPrefix(s.Name, "kirim/message_received") || strings.HasPrefix(s.Name, "kirim/message_status") {
			require.Equal(t, envelope.Meta, s.Source, s.Name)
		} else {
			require.Equal(t, envelope.Source(dir), s.Source, s.Name)
		}
		for name := range s.Headers {
			require.Equal(t, http.CanonicalHeaderKey(name), name)
		}
	}
	require.Len(t, names, 114)
	require.True(t, slices.IsSorted(names))

	for range samples.Corpus() {
		break
	}
}
