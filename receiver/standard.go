package receiver

import (
	"errors"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Standard is the dialect of senders that follow Standard Webhooks, see
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. Each secret must pass
// [signature.CheckStandard] when [Handler] is called; later ones that do not are passed over. Senders that sign with
// Ed25519 (v1a) give a public key, "whpk_…". Their private one, "whsk_…", is refused: it does not belong here.
//
// Here the id is signed with the body: Webhook-Id is the event's ID and identity. The body must be a JSON object. Its
// "type" is the event's type, "unknown" if it states none of 1 to 128 printable bytes. Its "timestamp" is CreatedAt.
// Declare kinds with [envelope.NewKind] and [envelope.Standard].
//
// The deadline is 9 s: the specification recommends time-outs of 15 to 30 s. Events are remembered for 5 days: its
// example schedule takes three days and a quarter, and senders stretch it by jitter and Retry-After.
func Standard(keys *signature.Keyring) Dialect {
	headers := []string{
		signature.HeaderStandardID, signature.HeaderStandardTimestamp, signature.HeaderStandardSignature,
	}
	return Dialect{
		Name:  "standard",
		Marks: headers,
		Once:  headers,
		Verify: func(r Request, now time.Time) (int, error) {
			h := r.Header
			return signature.VerifyStandard(value(h, headers[0]), value(h, headers[1]), value(h, headers[2]),
				r.Body, now, signature.DefaultTolerance, keys.Secrets()...)
		},
		Parse:    parseStandard,
		Deadline: 9 * time.Second,
		Remember: 5 * 24 * time.Hour,
		Check:    func() error { return checkSecrets(keys, verifiesStandard) },
	}
}

var errPrivate = errors.New("a private key (whsk_) has left its sender: replace it there, and give its public one (whpk_)")

func verifiesStandard(s signature.Secret) error {
	if !s.IsPublic() && !s.Public().IsZero() {
		return errPrivate
	}
	return signature.CheckStandard(s)
}

func parseStandard(r Request) (envelope.Event, string, error) {
	members, err := envelope.Scan(r.Body)
	if err != nil {
		return envelope.Event{}, "", err
	}
	ev := envelope.Event{ID: value(r.Header, signature.HeaderStandardID), Source: envelope.Standard}
	ev.Type = "unknown"
	if typ, _ := members.Text("type"); envelope.Printable(typ, maxType) {
		ev.Type = typ
	}
	if at, ok := members.Text("timestamp"); ok {
		ev.CreatedAt, _ = time.Parse(time.RFC3339, at) // zero if it is no time
	}
	return ev, ev.ID, nil
}
