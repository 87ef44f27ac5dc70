package receiver

import (
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/signature"
)

// maxKirisanSecret is the longest secret Kirisan takes.
const maxKirisanSecret = 512

// Kirisan is the dialect of kirisan.com, see https://docs.kirisan.com/docs/webhook/overview and
// https://docs.kirisan.com/docs/webhook/verification. Kirisan signs nothing: it sends the secret itself, 1 to 512 bytes, in
// X-Webhook-Secret, so whoever has seen one request can send others.
//
// Kirisan sends each event once, without an id, and never again. Events are therefore not deduplicated, and should the
// dedupe store fail where [Dialect.Key] is set, they run all the same (FailOpen). Set Key where a repeat would hurt:
//
//	d := receiver.Kirisan(keys)
//	d.Key = func(ev envelope.Event) string { … } // such as a message id out of ev.Body
//
// X-Kirisan-Event and X-Kirisan-Device may be absent but not contradict the body, save that "submission.completed" is
// how older endpoints are told of a "submission". Where a body has no event or no device, as in the test of a WABA
// line, the headers fill in; without them it is an incoming_message.
//
// The deadline is 25 s, since Kirisan waits for 30 s.
func Kirisan(keys *signature.Keyring) Dialect {
	d := KirisanUnsigned()
	d.Name = "kirisan"
	d.Once = append(d.Once, "X-Webhook-Secret")
	d.Verify = func(r Request, _ time.Time) (int, error) {
		return signature.VerifyShared(value(r.Header, "X-Webhook-Secret"), keys.Secrets()...)
	}
	d.Check = func() error { return checkSecrets(keys, 1, maxKirisanSecret) }
	return d
}

// KirisanUnsigned is [Kirisan] for endpoints without a secret: nothing is verified, and anybody who knows the address can
// send events. A secret that is sent all the same is not looked at.
func KirisanUnsigned() Dialect {
	return Dialect{
		Name:     "kirisan-unsigned",
		Marks:    []string{"X-Kirisan-"},
		Once:     []string{"X-Kirisan-Event", "X-Kirisan-Device"},
		Verify:   func(Request, time.Time) (int, error) { return -1, nil },
		Parse:    parseKirisan,
		Deadline: 25 * time.Second,
		FailOpen: true,
	}
}

func parseKirisan(r Request) (envelope.Event, string, error) {
	ev, err := kirisan.ParseEvent(r.Body)
	if err != nil {
		return ev, "", err
	}
	event, device := value(r.Header, "X-Kirisan-Event"), value(r.Header, "X-Kirisan-Device")
	submission := kirisan.SubmissionEvent.Type()
	if event == "submission.completed" && (ev.Type == "" || ev.Type == submission) {
		event = submission
	}
	switch {
	case ev.Type == "":
		ev.Type = kirisan.IncomingMessageEvent.Type()
		if isPlain(event) {
			ev.Type = event
		}
	case differs(event, ev.Type):
		return ev, "", disagrees("X-Kirisan-Event")
	}
	switch {
	case ev.Device == "":
		ev.Device = device
	case differs(device, ev.Device):
		return ev, "", disagrees("X-Kirisan-Device")
	}
	return ev, "", nil
}
