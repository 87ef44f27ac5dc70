package signature

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// HeaderMeta is the header of Meta's signatures.
const HeaderMeta = "X-Hub-Signature-256"

const metaPrefix = "sha256="

var errMetaForm = fmt.Errorf("%w: not sha256= and 64 hex digits", ErrMalformed)

// SignMeta appends the value of X-Hub-Signature-256 to dst and returns the extended slice: "sha256=" and the lower-case
// hex HMAC-SHA256 of body under the app secret. See
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started. An absent secret signs nothing: dst comes
// back as it was.
func SignMeta(dst, body []byte, appSecret Secret) []byte {
	m := appSecret.material()
	if m == nil {
		return dst
	}
	var sum [sha256.Size]byte
	m.whole.mac(&sum, body)
	dst = append(dst, metaPrefix...)
	return appendHex(dst, &sum)
}

// VerifyMeta checks the value of X-Hub-Signature-256 against body, the exact bytes received, and reports the index of
// the app secret that matched. The hex digits may be of either case; nothing else about the form may differ. The scheme
// has no time: a genuine request verifies for ever.
//
// Errors: [ErrMissing], [ErrMalformed], [ErrMismatch], [ErrNoSecret]. On an error the index is -1.
func VerifyMeta(header string, body []byte, appSecrets ...Secret) (matched int, err error) {
	if header == "" {
		return -1, ErrMissing
	}
	digits, ok := strings.CutPrefix(header, metaPrefix)
	if !ok || len(digits) != hexLength || strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return -1, errMetaForm
	}
	var p presented
	p.add(digits, hexLength)
	return p.match(hexWhole, appSecrets, body)
}
