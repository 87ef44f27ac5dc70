package kirisan

// What a delivery carries beside its body (https://docs.kirisan.com/docs/webhook/overview). Names of headers are in
// canonical form.
const (
	HeaderPrefix = "X-Kirisan-" // of all but the secret's

	HeaderEvent  = "X-Kirisan-Event"  // the type, or its legacy name
	HeaderDevice = "X-Kirisan-Device" // as the endpoint spells it
	HeaderSecret = "X-Webhook-Secret" // the secret itself; absent where there is none

	UserAgent     = "Kirisan-Webhook/1.0"
	UserAgentTest = "Kirisan-Webhook-Test/1.0"
)
