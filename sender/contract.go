package sender

import (
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Contract is how one dialect delivers: data and pure functions, no clock, no I/O. [Kirim] and [Kirisan] are two;
// write your own by stating what differs from the defaults. Name, Sources and Sign are required.
type Contract struct {
	// Name is kept with each subscription; never change it. Required.
	Name string
	// Sources are the bodies it carries: an event reaches only subscriptions of contracts that list its source.
	// Required.
	Sources []envelope.Source
	// UserAgent of each request. Defaults to "kirimhooks/1.0".
	UserAgent string
	// Reserved are header prefixes that custom headers may not use, e.g. "X-Kirim-". Defaults to none beyond HTTP's own.
	Reserved []string

	// Timeout of one attempt, connection and answer together. Defaults to 15 s.
	Timeout time.Duration
	// TestTimeout is the Timeout of a test. Defaults to Timeout.
	TestTimeout time.Duration
	// Schedule gives the waits between attempts, 1,000 at most; Once never retries. Defaults to 5 s, 5 m, 30 m, 2 h, 5 h,
	// 10 h, 14 h, 20 h, 24 h.
	Schedule Schedule
	// Jitter spreads each wait by ± this share of it. Negative: none. Defaults to 0.2.
	Jitter float64

	// Render makes the body that endpoints get of an event, and its Content-Type ("" is application/json): another one
	// for another reader, such as a chat. Called afresh for each attempt, before Sign, which finds that body in
	// Outgoing.Event. It must be pure and may not change ev.Body, which stays what is stored, listed and compared. An
	// error, an empty body or one over Config.MaxBody holds the delivery up as a fault of ours. Sources must not have
	// [envelope.Meta], whose bytes are passed on as they are. Defaults to the event's body, as application/json.
	Render func(ev envelope.Event) (body []byte, contentType string, err error)
	// Sign sets every protocol header of one attempt, signature included. Called afresh for each attempt. Required.
	Sign func(h http.Header, o Outgoing) error
	// Classify judges a finished attempt. Retry beyond the schedule's end becomes Dead. Defaults to: 2xx delivered;
	// 408, 429, 3xx, 5xx and no answer retry; 410 dead and disable; other 4xx dead.
	Classify func(Result) Verdict
	// Disable reports whether a subscription with this health is to be disabled. Defaults to 10 or more dead
	// deliveries in a row over 5 days or more.
	Disable func(Health) bool

	// Secrets says what secrets a subscription has. Defaults to several at a time, at least one.
	Secrets SecretRule
	// Events lists the types that a subscription may name, by channel ("" = any channel). Defaults to any type, and
	// wildcards.
	Events map[string][]string
	// Types lists the event types that the platform has, for people to choose from; Events, where it is set, says it by
	// channel. The set of types is open, so that others may be named too. Defaults to none.
	Types []string
	// Known reports whether the platform has events of a type. Subscribe and Update log a warning for a type that it has
	// not, since that may be a slip; the set of types is open, so that it is no error. Defaults to no warning.
	Known func(eventType string) bool
	// Endpoint holds what some platforms ask of a subscription beyond a URL and types. Defaults to nothing.
	Endpoint EndpointRule
	// Identify completes an event from its body: it fills ID, Type, Device, Channel, Test and CreatedAt where they are
	// empty, and refuses those that contradict the body. An ID still empty afterwards becomes a fresh one. Defaults to
	// leaving the event as it is.
	Identify func(*envelope.Event) error
	// Sample makes the event of a test, marked as one where a body can say so. eventType may be a pattern, as a
	// subscription names it; d is the zero Device where subscriptions have none. Each call must make another event.
	// Defaults to none: Org.Test is then refused.
	Sample func(eventType string, d Device) (envelope.Event, error)
}

// EndpointRule is what some platforms ask of a subscription beyond a URL and types, as Kirisan does of its endpoints.
type EndpointRule struct {
	// Aliases maps a legacy type to the one it means: {"submission.completed": "submission"}. Defaults to none.
	Aliases map[string]string
	// Devices says that subscriptions name the devices they listen to. Defaults to false.
	Devices bool
	// PlainDevice gives the form by which devices are compared: Kirisan's "+62 81" and "6281" are one. It must be its own
	// plain form, and no longer. Defaults to the id as it stands.
	PlainDevice func(id string) string
	// PendingTest: a new subscription gets nothing live until a Test succeeds, or until a live event arrives for
	// which Activates is true. Defaults to false.
	PendingTest bool
	// Activates says which live events make a pending subscription active. It sees an event with Type, Device and
	// Channel set, and perhaps nothing else. Defaults to none.
	Activates func(envelope.Event) bool
}

// SecretRule says what secrets a contract's subscriptions have.
type SecretRule struct {
	// Optional: a subscription may have none, and none is made for it. Defaults to false.
	Optional bool
	// Single: the wire takes one, so that a rotation replaces at once and an overlap is an error. Defaults to
	// false.
	Single bool
	// Generate makes one. Defaults to signature.GenerateSecret.
	Generate func() signature.Secret
	// Check refuses unfit ones; more than 512 bytes, and what fails signature.CheckSecret, are refused whatever it says.
	// Defaults to refusing fewer than 16.
	Check func(signature.Secret) error
}

// Outgoing is one attempt about to be sent, as [Contract].Sign sees it.
type Outgoing struct {
	Event      envelope.Event
	DeliveryID string // "wbd_…"
	Attempt    int    // from 1
	Test       bool   // made by Org.Test
	Requested  string // the type as the subscription names it: a legacy name, or Event.Type
	// Secrets are the active ones, newest first. Empty only if SecretRule.Optional.
	Secrets []signature.Secret
	Now     time.Time
}

// Result is what came back of one attempt.
type Result struct {
	StatusCode int           // 0 if none came
	RetryAfter time.Duration // as the answer asks; 0 if it does not, or not validly
	ErrorClass string        // ClassTimeout and others, where StatusCode is 0
	Attempt    int
}

// Verdict is the judgement of a [Result].
type Verdict struct {
	Judgement  Judgement
	RetryAfter time.Duration // wait at least so long; never shorter than the schedule, at most 1 h above it
	Reason     string        // kept with the delivery where it ends
}

// Judgement is what becomes of a delivery.
type Judgement int

// What becomes of a delivery after an attempt.
const (
	Delivered Judgement = iota + 1
	Retry
	Dead           // no further attempt
	DeadAndDisable // and its subscription is disabled at once
)
