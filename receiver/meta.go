package receiver

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Meta is the dialect of Meta's own webhooks, for a platform that is subscribed to the WhatsApp Cloud API itself, see
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started. Bodies are signed in X-Hub-Signature-256
// with an app secret out of appSecrets, which has several only while one is replaced. verifyToken is the text entered
// in Meta's dashboard: a GET that repeats it is answered with its hub.challenge, any other with 403. All must pass
// [signature.CheckSecret] when [Handler] is called, and app secrets need at least 16 bytes, as those of [Kirim] do.
//
// The identity of an event is [meta.Identity], as in [Kirim]. The deadline is 9 s. Events are remembered for 8 days,
// since Meta retries for 7
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview/).
func Meta(appSecrets *signature.Keyring, verifyToken signature.Secret) Dialect {
	return Dialect{
		Name:  "meta",
		Marks: []string{signature.HeaderMeta},
		Once:  []string{signature.HeaderMeta},
		Verify: func(r Request, _ time.Time) (int, error) {
			secrets := appSecrets.Secrets()
			matched, err := signature.VerifyMeta(value(r.Header, signature.HeaderMeta), r.Body, secrets...)
			return byKey(secrets, matched, err)
		},
		Parse: parseMeta,
		Challenge: func(q map[string][]string) (string, bool) {
			v := url.Values(q)
			challenge := v.Get("hub.challenge")
			token := signature.NewSecret(v.Get("hub.verify_token"))
			return challenge, v.Get("hub.mode") == "subscribe" && challenge != "" && verifyToken.Equal(token)
		},
		Deadline: 9 * time.Second,
		Remember: 8 * 24 * time.Hour,
		Check: func() error {
			if verifyToken.IsZero() {
				return errors.New("no verify token: give the one entered in Meta's dashboard")
			}
			if err := signature.CheckSecret(verifyToken); err != nil {
				return fmt.Errorf("verify token: %w", err)
			}
			return checkSecrets(appSecrets, isSecretKey)
		},
	}
}

func parseMeta(r Request) (envelope.Event, string, error) {
	if _, err := envelope.Scan(r.Body); err != nil {
		return envelope.Event{}, "", err
	}
	ev, err := meta.NewEvent(r.Body)
	if err != nil {
		return ev, "", bareOf(envelope.Meta, err)
	}
	return ev, ev.ID, nil
}
