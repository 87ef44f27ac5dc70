package driver

import "time"

// Status is what a subscription's owner, or its health, made of it.
type Status string

// The states of a subscription. Only StatusActive gets live events.
const (
	StatusActive      Status = "active"
	StatusPaused      Status = "paused"       // by its owner
	StatusDisabled    Status = "disabled"     // by its health, see Contract.Disable
	StatusPendingTest Status = "pending_test" // until a Test succeeds, see Contract.PendingTest
)

// Device is a line or bot that events come from.
type Device struct {
	ID      string // 1 to 255 printable ASCII characters
	Channel string // "whatsapp", "telegram", "waba"
}

// Subscription is a URL, the events it wants, and who owns it.
type Subscription struct {
	ID          string // "wbs_…", set by Subscribe
	Org         string // set by Subscribe
	Name        string // for people; at most 1 KiB
	Description string // for people; at most 1 KiB
	// URL is where events go, at most 2048 bytes. Required: https, port 443, no userinfo, no fragment.
	URL string
	// Contract is the name of the contract that delivers. Defaults to the first of Config.Contracts.
	Contract string
	// Events are the wanted types, 50 at most; "*" and "contact.*" where the contract allows wildcards. Required.
	Events []string
	// Devices the subscription listens to, 1000 at most. Required by Kirisan, refused by Kirim.
	Devices []Device
	// Headers are added to each request, 20 at most of 1 KiB each, name and value together. Protocol headers cannot be
	// touched. Defaults to none.
	Headers map[string]string
	// Rate bounds the attempts of each process, in attempts a second, 0.001 to 10,000, with one second's worth at once.
	// Defaults to no limit.
	Rate float64

	Status       Status       // set by the library
	StatusReason string       // set by the library: why it is not active
	Secrets      []SecretInfo // read-only, newest first
	CreatedAt    time.Time    // set by Subscribe
	ActivatedAt  time.Time    // when it last became active by creation or test; zero: it never did
}

// SecretInfo is what may be shown of a signing secret.
type SecretInfo struct {
	ID        string // "sec_…"
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
}
