package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/receiver/receivertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestLine(t *testing.T) {
	stdout := new(lines)
	p := start(t, stdout)
	body := []byte(`{"id":"evt_1","type":"contact.created","livemode":false,"data":{}}` + "\n")
	ev, err := kirim.ParseEvent(body)
	require.NoError(t, err)
	r := kirimRequest(t, ev)
	r.Header.Set("X-Kirim-Delivery-Id", "wbd_1")
	r.Header.Set("X-Kirim-Attempt", "3")
	require.Equal(t, 200, post(t, p.url, r))
	require.Equal(t, []string{`{"source":"kirim","type":"contact.created","id":"evt_1","delivery_id":"wbd_1","attempt":3,"device":"","live":false,"payload":"kirim.ContactData","bytes":67}` + "\n"}, stdout.all())

	require.Equal(t, 200, post(t, p.url, kirimRequest(t, ev)), "a duplicate")
	require.Len(t, stdout.all(), 1, "is not handled")
	require.Zero(t, p.stop())
}

func TestEveryBodyPrintsItsGoType(t *testing.T) {
	stdout := new(lines)
	p := start(t, stdout)
	seen := map[string]bool{}
	for s := range samples.Corpus() {
		ev, r := request(t, s)
		require.Equal(t, 200, post(t, p.url, r), s.Name)
		printed := stdout.all()
		if ev.ID != "" && seen[ev.ID] {
			continue
		}
		seen[ev.ID] = true
		var l line
		require.NoError(t, json.Unmarshal([]byte(printed[len(printed)-1]), &l))
		l.DeliveryID, l.Attempt = "", 0
		require.Equal(t, line{
			Source: s.Source, Type: ev.Type, ID: ev.ID, Device: ev.Device, Live: !ev.Test, Payload: goType(s.Source, ev.Type),
			Bytes: len(s.Body),
		}, l, s.Name)
	}
}

func request(t *testing.T, s samples.Sample) (envelope.Event, *http.Request) {
	switch s.Source {
	case envelope.Kirisan:
		ev, err := kirisan.ParseEvent(s.Body)
		require.NoError(t, err)
		return ev, receivertest.Kirisan(t, signature.NewSecret(kirisanSecret), ev)
	case envelope.Meta:
		ev, err := meta.NewEvent(s.Body)
		require.NoError(t, err)
		return ev, kirimRequest(t, ev)
	default:
		ev, err := kirim.ParseEvent(s.Body)
		require.NoError(t, err)
		return ev, kirimRequest(t, ev)
	}
}

func goType(source envelope.Source, eventType string) string {
	family, _, _ := strings.Cut(eventType, ".")
	switch {
	case eventType == "message_template_status_update", eventType == "order.paid", eventType == "device_disconnected":
		return "json.RawMessage"
	case source == envelope.Meta:
		return "*meta.Notification"
	case eventType == "contact.identity_updated":
		return "kirim.IdentityData"
	}
	return map[string]string{
		"contact": "kirim.ContactData", "conversation": "kirim.ConversationData", "message": "kirim.MessageData",
		"customer":         "kirim.CustomerData",
		"incoming_message": "*kirisan.IncomingMessage", "submission": "*kirisan.Submission",
		"message_status": "*kirisan.MessageStatus",
	}[family]
}

func TestLinesAreWhole(t *testing.T) {
	stdout := new(lines)
	p := start(t, stdout)
	const n = 200
	requests := make([]*http.Request, n)
	for i := range requests {
		requests[i] = kirimRequest(t, contactCreated(t))
	}
	var (
		senders sync.WaitGroup
		failed  = make(chan error, n)
	)
	for _, r := range requests {
		senders.Go(func() {
			if status, err := send(p.url, r); err != nil || status != 200 {
				failed <- fmt.Errorf("status %d: %w", status, err)
			}
		})
	}
	senders.Wait()
	close(failed)
	require.NoError(t, <-failed)
	ids := map[string]bool{}
	for _, text := range stdout.all() {
		var l line
		require.True(t, strings.HasSuffix(text, "}\n"))
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		ids[l.ID] = true
	}
	require.Len(t, ids, n)
}

func TestFullDiskFailsTheEvent(t *testing.T) {
	p := start(t, writerFunc(func([]byte) (int, error) { return 0, errors.New("disk full") }))
	require.Equal(t, 500, post(t, p.url, kirimRequest(t, contactCreated(t))))
}
