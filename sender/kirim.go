package sender

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Kirim is how kirim.dev delivers (https://developers.kirim.chat/webhooks/overview): Meta's own bytes or Kirim
// envelopes, signed afresh at each attempt with every active secret; any 2xx within 10 s is success, [KirimSchedule]
// gives 8 retries; 24 dead deliveries in a row disable a subscription
// (https://developers.kirim.chat/webhooks/retry/).
func Kirim() Contract {
	return Contract{
		Name:      "kirim",
		Sources:   []envelope.Source{envelope.Meta, envelope.Kirim},
		UserAgent: kirim.UserAgent,
		Reserved:  kirimMarks,
		Timeout:   10 * time.Second,
		Schedule:  KirimSchedule(),
		Sign:      signKirim,
		Classify:  classifyStatus,
		Disable:   func(h Health) bool { return h.ConsecutiveDead >= 24 },
		Types:     append(samples.Types(envelope.Meta), samples.Types(envelope.Kirim)...),
		Known:     knownToKirim,
		Identify:  identifyKirim,
		Sample:    sampleKirim,
	}
}

var (
	kirimMarks = []string{kirim.HeaderPrefix}
	metaMarks  = []string{"X-Hub-"}
)

var kirimHeaders = []string{
	kirim.HeaderSource, kirim.HeaderEvent, kirim.HeaderEventID,
	kirim.HeaderDeliveryID, kirim.HeaderAttempt, kirim.HeaderSignature,
}

func signKirim(h http.Header, o Outgoing) error {
	signed := signature.SignKirim(make([]byte, 0, 256), o.Event.Body, o.Now, o.Secrets...)
	setHeaders(h, kirimHeaders, []string{
		string(o.Event.Source), o.Event.Type, o.Event.ID, o.DeliveryID, strconv.Itoa(o.Attempt), string(signed),
	})
	return nil
}

func identifyKirim(ev *envelope.Event) error {
	read := kirim.ParseEvent
	if ev.Source == envelope.Meta {
		read = meta.NewEvent
	}
	stated, err := read(ev.Body)
	if err != nil {
		return err
	}
	shows := stated.Type == meta.MessageReceived.Type() || stated.Type == meta.MessageStatus.Type()
	if ev.Source == envelope.Meta && ev.Type != "" && !shows {
		stated.Type = ev.Type // such a notification has no type of its own, only the name of its first change
	}
	return complete(ev, stated)
}

// sampleKirim makes a native event with livemode false, or a Meta notification, each under an id of its own: a second
// test must not be taken for the first.
func sampleKirim(eventType string, _ Device) (envelope.Event, error) {
	for _, source := range []envelope.Source{envelope.Kirim, envelope.Meta} {
		for _, known := range samples.Types(source) {
			if !covers(eventType, known) {
				continue
			}
			body, _ := samples.Body(source, known, "")
			if source == envelope.Meta {
				return sampleMeta(body)
			}
			data, err := kirim.NewKind[json.RawMessage](known).Decode(body)
			if err != nil {
				return envelope.Event{}, err
			}
			return kirim.NewTestEvent(kirim.NewKind[json.RawMessage](known), data)
		}
	}
	return envelope.Event{}, fmt.Errorf("there is no sample of %q; name another type", eventType)
}

// sampleMeta gives a notification a fresh message id.
func sampleMeta(body []byte) (envelope.Event, error) {
	n, err := meta.Parse(body)
	if err != nil {
		return envelope.Event{}, err
	}
	for _, m := range n.Messages() {
		body = bytes.ReplaceAll(body, []byte(m.ID), []byte(kirim.NewID("wamid.TEST")))
	}
	for _, s := range n.Statuses() {
		body = bytes.ReplaceAll(body, []byte(s.ID), []byte(kirim.NewID("wamid.TEST")))
	}
	return meta.NewEvent(body)
}

// knownToKirim reports whether a type is one of Kirim's, or could be a field of Meta's, whose names have no dot.
func knownToKirim(eventType string) bool {
	return !strings.Contains(eventType, ".") || slices.Contains(samples.Types(envelope.Kirim), eventType) ||
		slices.Contains(samples.Types(envelope.Meta), eventType)
}

// covers reports whether a type, or a pattern as subscriptions name it, means eventType.
func covers(pattern, eventType string) bool {
	prefix, star := strings.CutSuffix(pattern, "*")
	if !star {
		return pattern == eventType
	}
	return strings.HasPrefix(eventType, prefix)
}
