package receiver

import (
	"cmp"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/signature"
)

const (
	maxKirisanSecret = 512 // the longest secret Kirisan takes
	maxKirisanDevice = 512
)

// Kirisan is the dialect of kirisan.com, see https://docs.kirisan.com/docs/webhook/overview and
// https://docs.kirisan.com/docs/webhook/verification. Kirisan signs nothing: it sends the secret itself, 1 to 512
// bytes, in X-Webhook-Secret. Whoever has seen one request can send others.
//
// Kirisan sends each event once, without an id, and never again. Events are therefore not deduplicated, and should the
// dedupe store fail where [Dialect.Key] is set, they run all the same (FailOpen). Set Key where a repeat would hurt:
//
//	d := receiver.Kirisan(keys)
//	d.Key = func(ev envelope.Event) string { … } // such as a message id out of ev.Body
//
// What is sent once is lost when it is refused. X-Kirisan-Event and X-Kirisan-Device may therefore be absent, empty or
// spelled otherwise than in the body. "submission.completed" is how older endpoints are told of a "submission", and
// [kirisan.SameDevice] compares devices. Only where both sides say different things is the request refused. Where a
// body has no event or no device, as in the test of a WABA line, the headers fill in. Without them it is an
// incoming_message.
//
// The deadline is 25 s, since Kirisan waits for 30 s.
func Kirisan(keys *signature.Keyring) Dialect {
	d := KirisanUnsigned()
	d.Name = "kirisan"
	d.Once = append(d.Once, kirisan.HeaderSecret)
	d.Verify = func(r Request, _ time.Time) (int, error) {
		return signature.VerifyShared(value(r.Header, kirisan.HeaderSecret), keys.Secrets()...)
	}
	d.Check = func() error { return checkSecrets(keys, isShared) }
	return d
}

func isShared(s signature.Secret) error {
	if n := len(s.Reveal()); n < 1 || n > maxKirisanSecret {
		return fmt.Errorf("%d bytes, 1 to %d are possible", n, maxKirisanSecret)
	}
	return nil
}

// KirisanUnsigned is [Kirisan] for endpoints without a secret: nothing is verified, and anybody who knows the address
// can send events. A secret that is sent all the same is not looked at.
func KirisanUnsigned() Dialect {
	return Dialect{
		Name:     "kirisan-unsigned",
		Marks:    []string{kirisan.HeaderPrefix},
		Once:     []string{kirisan.HeaderEvent, kirisan.HeaderDevice},
		Verify:   func(Request, time.Time) (int, error) { return -1, nil },
		Parse:    parseKirisan,
		Deadline: 25 * time.Second,
		FailOpen: true,
	}
}

func parseKirisan(r Request) (envelope.Event, string, error) {
	ev, err := kirisan.ParseEvent(r.Body)
	if err != nil {
		return ev, "", bareOf(envelope.Kirisan, err)
	}
	event, device := said(r, kirisan.HeaderEvent, maxType), said(r, kirisan.HeaderDevice, maxKirisanDevice)
	switch {
	case ev.Type == "":
		ev.Type = cmp.Or(presentName(event), kirisan.TypeIncomingMessage)
	case event != "" && presentName(event) != presentName(ev.Type):
		return ev, "", disagrees(kirisan.HeaderEvent)
	}
	switch {
	case ev.Device == "":
		ev.Device = device
	case device != "" && !kirisan.SameDevice(device, ev.Device):
		return ev, "", disagrees(kirisan.HeaderDevice)
	}
	return ev, "", nil
}

// said is the value of a header, "" where it is none that says anything.
func said(r Request, header string, limit int) string {
	if v := value(r.Header, header); envelope.Printable(v, limit) {
		return v
	}
	return ""
}

// presentName is what an event is called today.
func presentName(event string) string {
	if event == kirisan.TypeSubmissionCompleted {
		return kirisan.TypeSubmission
	}
	return event
}
