package receiver

import (
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Kirim is the dialect of kirim.dev, see https://developers.kirim.chat/webhooks/overview and
// https://developers.kirim.chat/webhooks/signing/. Any secret in keys may have signed, so a keyring that has the old
// and the new one bridges a rotation. [signature.Keyring.Replace] takes effect with the next request. Each needs at
// least 16 bytes and must pass [signature.CheckSecret], or [Handler] returns an error. A shorter one that is brought in
// later verifies nothing.
//
// Only a timestamp and the body are signed. The shape of the body therefore decides what an event is: an "entry" array
// makes it one of Meta's, "id" and "type" one of Kirim's own. Its identity is the "id", or [meta.Identity]: the
// statuses of one message are different events although they share X-Kirim-Event-Id.
//
// X-Kirim-Source, X-Kirim-Event and, for Kirim's own events, X-Kirim-Event-Id may be absent but not contradict the
// body. X-Kirim-Event names the type only where a Meta body shows neither messages nor statuses. It cannot make
// messages of what stands in a field of another name, such as "history".
//
// The deadline is 9 s, since Kirim waits for 10 s. Events are remembered for 48 h, since Kirim retries for roughly a
// day (https://developers.kirim.chat/webhooks/retry/). A 4xx other than 408 and 429 ends a delivery.
func Kirim(keys *signature.Keyring) Dialect {
	return Dialect{
		Name:  "kirim",
		Marks: []string{kirim.HeaderPrefix},
		Once: []string{
			kirim.HeaderSignature, kirim.HeaderSource, kirim.HeaderEvent, kirim.HeaderEventID,
			kirim.HeaderDeliveryID, kirim.HeaderAttempt,
		},
		Verify: func(r Request, now time.Time) (int, error) {
			secrets := keys.Secrets()
			matched, err := signature.VerifyKirim(value(r.Header, kirim.HeaderSignature), r.Body, now,
				signature.DefaultTolerance, secrets...)
			return byKey(secrets, matched, err)
		},
		Parse:          parseKirim,
		DeliveryHeader: kirim.HeaderDeliveryID,
		AttemptHeader:  kirim.HeaderAttempt,
		Deadline:       9 * time.Second,
		Remember:       48 * time.Hour,
		Check:          func() error { return checkSecrets(keys, isSecretKey) },
	}
}

// parseKirim tells the source by the members of the signed body.
func parseKirim(r Request) (envelope.Event, string, error) {
	members, err := envelope.Scan(r.Body)
	if err != nil {
		return envelope.Event{}, "", err
	}
	native := isText(members.Raw("id")) && isText(members.Raw("type"))
	passed := isArray(members.Raw("entry"))
	var ev envelope.Event
	switch {
	case native && passed:
		return ev, "", fmt.Errorf("%w: the body has the shapes of both sources", ErrContradiction)
	case native:
		ev, err = parseNative(r, &members)
	case passed:
		ev, err = parsePassed(r)
	default:
		return ev, "", fmt.Errorf("%w: neither id and type nor an entry array", envelope.ErrMalformed)
	}
	return ev, keyOf(ev), err
}

func keyOf(ev envelope.Event) string { return string(ev.Source) + ":" + ev.ID }

func parseNative(r Request, members *envelope.Members) (envelope.Event, error) {
	ev, err := kirim.EventOf(members, r.Body)
	if err != nil {
		return ev, bareOf(envelope.Kirim, err)
	}
	switch h := r.Header; {
	case value(h, kirim.HeaderSource) == string(envelope.Meta):
		return ev, disagrees(kirim.HeaderSource)
	case differs(value(h, kirim.HeaderEvent), ev.Type):
		return ev, disagrees(kirim.HeaderEvent)
	case differs(value(h, kirim.HeaderEventID), ev.ID):
		return ev, disagrees(kirim.HeaderEventID)
	}
	return ev, nil
}

// parsePassed reads a body that Kirim passes on from Meta. Its X-Kirim-Event-Id is not looked at: kirim.dev puts the
// bare message id there for every status of the message.
func parsePassed(r Request) (envelope.Event, error) {
	ev, err := meta.NewEvent(r.Body)
	if err != nil {
		return ev, bareOf(envelope.Meta, err)
	}
	if value(r.Header, kirim.HeaderSource) == string(envelope.Kirim) {
		return ev, disagrees(kirim.HeaderSource)
	}
	const received, status = meta.TypeMessageReceived, meta.TypeMessageStatus
	header := value(r.Header, kirim.HeaderEvent)
	switch {
	case ev.Type == received && header == status && !hasStatuses(r.Body), ev.Type == status && header == received:
		return ev, disagrees(kirim.HeaderEvent)
	case ev.Type != received && ev.Type != status && envelope.Printable(header, maxType):
		// A field with old messages or those of another app is no reason to answer them, whatever a header says.
		if foreign := ev.Type != "messages" && ev.Type != "unknown"; !foreign || header != received && header != status {
			ev.Type = header
		}
	}
	return ev, nil
}

// hasStatuses is asked only when a header claims so about a body with messages.
func hasStatuses(body []byte) bool {
	s, err := meta.Summarize(body)
	return err == nil && s.Statuses > 0
}

func differs(header, body string) bool { return header != "" && header != body }

// isText reports whether a JSON value is a string that is not empty.
func isText(raw []byte) bool { return len(raw) > len(`""`) && raw[0] == '"' }

func isArray(raw []byte) bool { return len(raw) > 0 && raw[0] == '[' }
