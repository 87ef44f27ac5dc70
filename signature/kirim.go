package signature

import (
	"slices"
	"time"
)

// kirim is the scheme of https://developers.kirim.chat/webhooks/signing/. Callers have the header's value.
var kirim = Scheme{Header: "-", Payload: "{t}.{body}", Prefix: "v1=", Separator: ","}

// SignKirim appends the value of X-Kirim-Signature to dst and returns the extended slice: "t=<unix seconds>" and one
// ",v1=<lower-case hex>" per secret, in the order given. See https://developers.kirim.chat/webhooks/signing/.
//
// Sign every attempt anew: receivers refuse a signature older than five minutes. Absent secrets are passed over, and
// those after the fifteenth, since a header holds at most 16 entries. With no secret at all, or a now outside the years
// 1970 to 5138, dst comes back as it was.
func SignKirim(dst, body []byte, now time.Time, secrets ...Secret) []byte {
	if slices.ContainsFunc(secrets, Secret.IsZero) {
		secrets = slices.DeleteFunc(slices.Clone(secrets), Secret.IsZero)
	}
	dst, _ = kirim.sign(dst, "", body, now, secrets[:min(len(secrets), maxEntries-1)])
	return dst
}

// VerifyKirim checks the value of X-Kirim-Signature against body, the exact bytes received, and reports the index of
// the secret that matched. See https://developers.kirim.chat/webhooks/signing/.
//
// One v1 that fits one secret is enough. The header has exactly one t, at least one v1, at most 16 entries and at most
// 4096 bytes. Spaces and tabs around entries are passed over. So are entries of other names and a v1 that is not 64
// hex digits (of either case). The age is looked at last, in whole seconds: [ErrTooOld] and [ErrTooNew] speak of
// genuine requests only. tolerance 0 means [DefaultTolerance]; a negative one switches the age check off.
//
// Other errors: [ErrMissing], [ErrMalformed], [ErrMismatch], [ErrNoSecret]. On an error the index is -1.
func VerifyKirim(
	header string, body []byte, now time.Time, tolerance time.Duration, secrets ...Secret,
) (matched int, err error) {
	return kirim.verify(header, "", "", body, now, tolerance, secrets)
}
