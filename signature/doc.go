// Package signature signs and verifies the bytes of webhooks. It imports the standard library only, reads no clock and
// does no I/O. The time is an argument, the body is the bytes as they crossed the wire.
//
// # Schemes
//
//	scheme    header                                    what is signed              what is not signed
//	Kirim     X-Kirim-Signature: t=…,v1=…[,v1=…]        t + "." + body              all else: URL, event id, type…
//	Standard  Webhook-Signature: v1,…[ v1a,…]           id + "." + t + "." + body   all but Webhook-Id and -Timestamp
//	Meta      X-Hub-Signature-256: sha256=…             body                        all else, and there is no time
//	shared    X-Webhook-Secret (Kirisan): the secret    nothing                     everything
//
// Kirim, Standard and Meta are HMAC-SHA256. For Kirim and Meta the key is the whole text of the secret, "whsec_"
// included. For Standard Webhooks it is what the text after "whsec_" decodes to as base64, at least 24 bytes. Any other
// HMAC-SHA256 scheme is a [Scheme].
//
// Standard also has Ed25519 signatures, v1a. The sender's secret begins with "whsk_". Receivers hold its public key,
// which begins with "whpk_" and cannot sign. Both kinds may stand in one [Keyring] and in one header.
//
// A shared secret tells who sends, not what was sent. Where no time is signed a request can be repeated at any later
// date.
//
// The schemes are specified at https://developers.kirim.chat/webhooks/signing/ (Kirim),
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (Standard Webhooks),
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started (Meta) and
// https://docs.kirisan.com/docs/webhook/verification (Kirisan).
//
// # What is guaranteed
//
// A verifier accepts only what a holder of one of the secrets could have made. Absent and empty secrets are passed
// over, never matched; with none left the answer is [ErrNoSecret]. Digests are compared in constant time. A request
// costs one HMAC per secret at most, however many signatures its header lists, and 16 verifications of Ed25519.
//
// Once warm, verifying and signing do not allocate, with four exceptions. Signing grows dst where it has no room,
// [VerifyShared] copies a header over 512 bytes, [Scheme.Sign] writes headers, and Ed25519 allocates a little.
//
// # What is not guaranteed
//
// A valid signature is not a new one: within the tolerance the same request verifies again and again. Recognise events
// by an id taken from the signed bytes. Unsigned headers may have been changed by anyone on the way.
// How long a verifier takes tells how many secrets it holds and which of them matched.
//
// # Secrets
//
// A [Secret] does not print, marshal or show in a test's diff; [Secret.Reveal] is the one way out. Errors of this
// package hold no byte of a secret, a header or a body.
//
// # Concurrency
//
// Everything is safe for concurrent use. Functions keep no reference to the slices they are given.
package signature
