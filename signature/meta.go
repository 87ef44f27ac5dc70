package signature

import "time"

// HeaderMeta is the header of Meta's signatures.
const HeaderMeta = "X-Hub-Signature-256"

// meta is the scheme of https://developers.facebook.com/docs/graph-api/webhooks/getting-started.
var meta = Scheme{Header: HeaderMeta, Payload: "{body}", Prefix: "sha256="}

// SignMeta appends the value of X-Hub-Signature-256 to dst and returns the extended slice: "sha256=" and the lower-case
// hex HMAC-SHA256 of body under the app secret. See
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started. An absent secret signs nothing: dst comes
// back as it was.
func SignMeta(dst, body []byte, appSecret Secret) []byte {
	dst, _ = meta.sign(dst, "", body, time.Time{}, []Secret{appSecret})
	return dst
}

// VerifyMeta checks the value of X-Hub-Signature-256 against body, the exact bytes received, and reports the index of
// the app secret that matched. The hex digits may be of either case; nothing else about the form may differ. The scheme
// has no time: a genuine request verifies for ever.
//
// Errors: [ErrMissing], [ErrMalformed], [ErrMismatch], [ErrNoSecret]. On an error the index is -1.
func VerifyMeta(header string, body []byte, appSecrets ...Secret) (matched int, err error) {
	return meta.verify(header, "", "", body, time.Time{}, 0, appSecrets)
}
