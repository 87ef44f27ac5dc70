package sender

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// reservedHeaders are HTTP's own, and those that a proxy or our transport would act on; a "-" at the end means a
// prefix.
var reservedHeaders = []string{
	"Host", "Content-", "Transfer-Encoding", "Connection", "Keep-Alive", "Te", "Trailer", "Upgrade", "Http2-Settings",
	"Proxy-", "Expect",
	"Forwarded",
	"Accept-Encoding", "User-Agent", "Cookie", "Idempotency-Key", "X-Idempotency-Key",
}

// marks are the headers of every dialect that is known, whatever a subscription's own: a receiver that takes several
// tells them apart by these.
var marks = slices.Concat(kirimMarks, kirisanMarks, standardMarks, metaMarks)

func (c *Contract) checkHeaders(sub *Subscription, complain complaint) {
	if len(sub.Headers) > maxHeaders {
		complain("Headers", "%d, at most %d can be added", len(sub.Headers), maxHeaders)
		return
	}
	canonical := make(map[string]string, len(sub.Headers))
	for _, name := range slices.Sorted(maps.Keys(sub.Headers)) {
		key, value := http.CanonicalHeaderKey(name), sub.Headers[name]
		header := fmt.Sprintf("Headers[%q]", name)
		switch {
		case !validHeaderName(name):
			complain(header, "not a header name")
		case c.reserves(name):
			complain(header, "reserved; it would change the protocol")
		case !validHeaderValue(value):
			complain(header, "the value must be visible ASCII, spaces and tabs")
		case len(name)+len(value) > maxHeaderBytes:
			complain(header, "%d bytes, at most %d fit", len(name)+len(value), maxHeaderBytes)
		}
		if _, twice := canonical[key]; twice {
			complain(header, "stands twice")
		}
		canonical[key] = value
	}
	if sub.Headers != nil {
		sub.Headers = canonical
	}
}

// reserves reports whether a custom header of that name could be taken for one of the protocol's.
func (c *Contract) reserves(name string) bool {
	name = folded(name)
	for _, reserved := range slices.Concat(reservedHeaders, marks, c.Reserved) {
		reserved = folded(reserved)
		if name == reserved || (strings.HasSuffix(reserved, "-") && strings.HasPrefix(name, reserved)) {
			return true
		}
	}
	return false
}

// folded is a header's name as servers see it that keep headers in environment variables: whatever is neither letter
// nor digit becomes one and the same character, and case is lost
// (https://www.rfc-editor.org/rfc/rfc3875#section-4.1.18; Apache and PHP fold more than the hyphen).
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		}
		return '-'
	}, name)
}

func validHeaderName(name string) bool {
	for _, b := range []byte(name) {
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(b)) {
			return false
		}
	}
	return name != ""
}

func validHeaderValue(value string) bool {
	for _, b := range []byte(value) {
		if b != '\t' && (b < ' ' || b > '~') {
			return false
		}
	}
	return true
}
