package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// Grant is what a link lets whoever has it see and do.
type Grant struct {
	// Org is the organisation that it shows, and no other. Required.
	Org string
	// Expires is when it ends, to the second. Required.
	Expires time.Time
	// Changes lets its holder change things, too. Defaults to read-only.
	Changes bool
}

// Link returns an address that shows one organisation its webhooks, without a session, until g.Expires. base is where
// the console is mounted, as browsers reach it: "https://app.example.com/console". key is Config.LinkKey.
//
// Whoever has the address has what g grants, and nothing but another key takes it back before it ends. Let it end soon,
// give it to one person, and keep paths below /l/ out of access logs. No login may stand before that path.
func Link(base string, key signature.Secret, g Grant) (string, error) {
	at, err := url.Parse(base)
	switch {
	case err != nil || at.RawQuery != "" || at.Fragment != "":
		return "", fmt.Errorf("console: link: base %q is no address without query and fragment", base)
	case len(key.Reveal()) < minLinkKey:
		return "", fmt.Errorf("console: link: key: has %d bytes, at least %d are needed", len(key.Reveal()), minLinkKey)
	case g.Org == "" || len(g.Org) > maxOrg:
		return "", fmt.Errorf("console: link: Org: has %d bytes, 1 to %d are needed", len(g.Org), maxOrg)
	case g.Expires.IsZero():
		return "", errors.New("console: link: Expires: required")
	}
	return strings.TrimSuffix(base, "/") + "/" + linkRoot + "/" + g.token(key) + "/", nil
}

// linkRoot is the part of the path below which the pages of links are.
const linkRoot = "l"

const maxOrg = 255

// A token is a grant and its code, in base64: flags, the end in seconds since 1970, the organisation, HMAC-SHA256.
const (
	flagChanges = 1
	grantHead   = 1 + 8
)

func (g Grant) token(key signature.Secret) string {
	text := make([]byte, grantHead, grantHead+len(g.Org)+sha256.Size)
	if g.Changes {
		text[0] = flagChanges
	}
	binary.BigEndian.PutUint64(text[1:], uint64(g.Expires.Unix()))
	text = append(text, g.Org...)
	return base64.RawURLEncoding.EncodeToString(append(text, code(key, text)...))
}

// code is what only who has the key can make. The name at its beginning keeps it from being taken for anything else
// that the same key may sign.
func code(key signature.Secret, text []byte) []byte {
	h := hmac.New(sha256.New, []byte(key.Reveal()))
	_, _ = h.Write([]byte("kirimhooks console link 1\n"))
	_, _ = h.Write(text)
	return h.Sum(nil)
}

var errLink = errors.New("console: the link is not valid, or has ended")

// readGrant returns what a token grants now.
func readGrant(key signature.Secret, token string, now time.Time) (Grant, error) {
	const longest = (grantHead + maxOrg + sha256.Size) * 4 / 3
	if key.IsZero() || len(token) > longest+4 {
		return Grant{}, errLink
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= grantHead+sha256.Size {
		return Grant{}, errLink
	}
	text, sum := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	if !hmac.Equal(sum, code(key, text)) {
		return Grant{}, errLink
	}
	g := Grant{
		Org:     string(text[grantHead:]),
		Expires: time.Unix(int64(binary.BigEndian.Uint64(text[1:grantHead])), 0),
		Changes: text[0]&flagChanges != 0,
	}
	if !now.Before(g.Expires) {
		return Grant{}, errLink
	}
	return g, nil
}
