package kirim

// What a delivery carries beside its body (https://developers.kirim.chat/webhooks/overview). Names of headers are in
// canonical form.
const (
	HeaderPrefix = "X-Kirim-" // of all the others

	HeaderSource     = "X-Kirim-Source"      // "kirim" or "meta"
	HeaderEvent      = "X-Kirim-Event"       // the type
	HeaderEventID    = "X-Kirim-Event-Id"    // the same in every attempt
	HeaderDeliveryID = "X-Kirim-Delivery-Id" // "wbd_…"
	HeaderAttempt    = "X-Kirim-Attempt"     // from 1
	HeaderSignature  = "X-Kirim-Signature"   // see signature.SignKirim

	UserAgent = "Kirim-Webhook/1.0"
)
