package sender

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
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
		Reserved:  []string{kirim.HeaderPrefix},
		Timeout:   10 * time.Second,
		Schedule:  KirimSchedule(),
		Sign:      signKirim,
		Classify:  classifyKirim,
		Disable:   func(h Health) bool { return h.ConsecutiveDead >= 24 },
		Identify:  identifyKirim,
		Sample:    sampleKirim,
	}
}

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

// classifyKirim is the table of https://developers.kirim.chat/webhooks/retry/. Retry-After counts on every answer
// that is retried: an overloaded endpoint says 503 as often as 429.
func classifyKirim(r Result) Verdict {
	switch c := r.StatusCode; {
	case c >= 200 && c < 300:
		return Verdict{Outcome: Delivered}
	case c >= 400 && c < 500 && c != http.StatusRequestTimeout && c != http.StatusTooManyRequests:
		return Verdict{Outcome: Dead, Reason: resultText(r)}
	default:
		return Verdict{Outcome: Retry, RetryAfter: r.RetryAfter, Reason: resultText(r)}
	}
}

func resultText(r Result) string {
	if r.StatusCode == 0 {
		return r.ErrorClass
	}
	return "status " + strconv.Itoa(r.StatusCode)
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

// complete fills what is empty in ev with what its body states, and refuses what the body contradicts.
func complete(ev *envelope.Event, stated envelope.Event) error {
	for _, f := range []struct {
		name   string
		have   *string
		inBody string
	}{
		{"ID", &ev.ID, stated.ID},
		{"Type", &ev.Type, stated.Type},
		{"Device", &ev.Device, stated.Device},
		{"Channel", &ev.Channel, stated.Channel},
	} {
		switch {
		case *f.have == "":
			*f.have = f.inBody
		case *f.have != f.inBody && f.inBody != "":
			return fmt.Errorf("%s %q is not the body's %q; leave it empty to take the body's", f.name, *f.have, f.inBody)
		}
	}
	ev.Test = stated.Test
	if ev.CreatedAt.IsZero() {
		ev.CreatedAt = stated.CreatedAt
	}
	return nil
}
