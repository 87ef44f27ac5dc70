package sender

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Kirisan is how Kirisan delivers (https://docs.kirisan.com/docs/webhook/overview): one POST per event, never
// repeated; 200 or 201 within 30 s is success, 45 s for a test; the secret itself, if there is one, in a header. A
// subscription names its devices and gets nothing live until a test succeeds, except that Telegram's first live
// message makes it active too, and is delivered. Failures never disable a subscription.
//
// Events: incoming_message and submission on WhatsApp, Telegram and WABA; message_status on WABA alone. A
// subscription may name a submission by its legacy name, submission.completed, which then stands in its header.
func Kirisan() Contract {
	messages := []string{"incoming_message", "submission"}
	return Contract{
		Name:        "kirisan",
		Sources:     []envelope.Source{envelope.Kirisan},
		UserAgent:   kirisan.UserAgent,
		Reserved:    kirisanMarks,
		Timeout:     30 * time.Second,
		TestTimeout: 45 * time.Second,
		Schedule:    Once,
		Sign:        signKirisan,
		Classify:    classifyKirisan,
		Disable:     func(Health) bool { return false },
		Secrets:     SecretRule{Optional: true, Single: true, Check: fitsHeader},
		Events: map[string][]string{
			"whatsapp": messages,
			"telegram": messages,
			"waba":     {"incoming_message", "submission", "message_status"},
		},
		Endpoint: EndpointRule{
			Aliases:     map[string]string{"submission.completed": "submission"},
			Devices:     true,
			PlainDevice: kirisan.PlainDevice,
			PendingTest: true,
			Activates: func(ev envelope.Event) bool {
				return ev.Channel == "telegram" && ev.Type == "incoming_message" && !ev.Test
			},
		},
		Identify: identifyKirisan,
		Sample:   sampleKirisan,
	}
}

var kirisanMarks = []string{kirisan.HeaderPrefix, kirisan.HeaderSecret}

func signKirisan(h http.Header, o Outgoing) error {
	h.Set(kirisan.HeaderEvent, o.Requested)
	h.Set(kirisan.HeaderDevice, o.Event.Device)
	if o.Test {
		h.Set("User-Agent", kirisan.UserAgentTest)
	}
	if len(o.Secrets) > 0 {
		h.Set(kirisan.HeaderSecret, o.Secrets[0].Reveal())
	}
	return nil
}

func classifyKirisan(r Result) Verdict {
	if r.StatusCode == http.StatusOK || r.StatusCode == http.StatusCreated {
		return Verdict{Judgement: Delivered}
	}
	return Verdict{Judgement: Dead, Reason: resultText(r)}
}

func fitsHeader(s signature.Secret) error {
	text := s.Reveal()
	if n := len(text); n < 1 || n > 512 {
		return fmt.Errorf("a secret of %d bytes does not fit, 1 to 512 do", n)
	}
	if !validHeaderValue(text) || strings.TrimSpace(text) != text {
		return errors.New("a secret that is sent as a header must be visible ASCII, with spaces only inside")
	}
	return nil
}

func identifyKirisan(ev *envelope.Event) error {
	stated, err := kirisan.ParseEvent(ev.Body)
	if err != nil {
		return err
	}
	if kirisan.SameDevice(ev.Device, stated.Device) {
		stated.Device = ev.Device // as the caller spells it
	}
	return complete(ev, stated)
}

// sampleKirisan makes an event of d with production false.
func sampleKirisan(eventType string, d Device) (envelope.Event, error) {
	body, ok := samples.Body(envelope.Kirisan, eventType, d.Channel)
	if !ok {
		return envelope.Event{}, fmt.Errorf("there is no sample of %q on %q; name another type", eventType, d.Channel)
	}
	switch eventType {
	case kirisan.SubmissionEvent.Type():
		return sampleOf(kirisan.SubmissionEvent, body, func(p *kirisan.Submission) { p.Device, p.Timestamp = d.ID, 0 })
	case kirisan.MessageStatusEvent.Type():
		return sampleOf(kirisan.MessageStatusEvent, body, func(p *kirisan.MessageStatus) { p.Device, p.Timestamp = d.ID, 0 })
	default:
		return sampleOf(kirisan.IncomingMessageEvent, body,
			func(p *kirisan.IncomingMessage) { p.Device, p.Timestamp = d.ID, 0 })
	}
}

func sampleOf[P interface {
	*kirisan.IncomingMessage | *kirisan.Submission | *kirisan.MessageStatus
}](k envelope.Kind[P], body []byte, address func(P)) (envelope.Event, error) {
	payload, err := k.Decode(body)
	if err != nil {
		return envelope.Event{}, err
	}
	address(payload)
	return kirisan.NewTestEvent(k, payload)
}
