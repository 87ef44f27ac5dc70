package sender

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Standard is how the Standard Webhooks specification delivers
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): bodies of
// {type, timestamp, data}, signed with their id and time under every active secret; any 2xx within 15 s is success,
// nine retries over three days; 410 disables a subscription at once, 10 dead deliveries in a row over five days do too.
//
// Secrets are made for HMAC (v1). Set Secrets.Generate to [signature.GenerateEd25519] for Ed25519 (v1a), or give such a
// secret to Subscribe and RotateSecret: while they overlap an attempt is signed in both ways. Show receivers what
// [signature.Secret.Public] returns, never the private key.
func Standard() Contract {
	return Contract{
		Name:     "standard",
		Sources:  []envelope.Source{envelope.Standard},
		Reserved: standardMarks,
		Sign:     signStandard,
		Secrets:  SecretRule{Check: signsStandard},
		Identify: identifyStandard,
		Sample:   sampleStandard,
	}
}

var errVerifies = errors.New("a public key (whpk_) verifies and cannot sign: give the private one (whsk_)")

func signsStandard(s signature.Secret) error {
	if s.IsPublic() {
		return errVerifies
	}
	return signature.CheckStandard(s)
}

var standardMarks = []string{signature.HeaderStandardPrefix}

func signStandard(h http.Header, o Outgoing) error {
	signed := signature.SignStandard(nil, o.Event.ID, o.Event.Body, o.Now, o.Secrets...)
	if signed == nil {
		return errors.New("standard: the id or a secret does not fit the specification")
	}
	h.Set(signature.HeaderStandardID, o.Event.ID)
	h.Set(signature.HeaderStandardTimestamp, strconv.FormatInt(o.Now.Unix(), 10))
	h.Set(signature.HeaderStandardSignature, string(signed))
	return nil
}

func identifyStandard(ev *envelope.Event) error {
	members, err := envelope.Scan(ev.Body)
	if err != nil {
		return err
	}
	stated := envelope.Event{Test: ev.Test} // the body has no mark for it
	if typ, _ := members.Text("type"); envelope.Printable(typ, maxType) {
		stated.Type = typ
	}
	if text, ok := members.Text("timestamp"); ok {
		stated.CreatedAt, _ = time.Parse(time.RFC3339, text)
	}
	if strings.ContainsAny(ev.ID, ". ") {
		return &FieldError{"ID", errors.New("must not contain a dot or a space: the specification signs the id, a dot, and what follows")}
	}
	return complete(ev, stated)
}

func sampleStandard(eventType string, _ Device) (envelope.Event, error) {
	eventType = strings.TrimSuffix(strings.TrimSuffix(eventType, "*"), ".")
	if eventType == "" {
		eventType = "test"
	}
	body := fmt.Sprintf(`{"type":%q,"timestamp":%q,"data":{"test":true}}`, eventType,
		time.Now().UTC().Format(time.RFC3339))
	return envelope.Event{Source: envelope.Standard, Type: eventType, Test: true, Body: []byte(body)}, nil
}

func standardSchedule() Schedule {
	return Waits{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute,
		2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}
