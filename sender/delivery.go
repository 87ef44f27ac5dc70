package sender

import "github.com/kirimhooks/kirimhooks/sender/driver"

// Delivery is one event for one subscription, with where it stands.
type Delivery = driver.Delivery

// DeliveryQuery selects deliveries of an org: to list, replay, retry or cancel them.
type DeliveryQuery = driver.DeliveryQuery

// State is where a delivery stands.
type State = driver.State

// The states of a delivery.
const (
	StatePending   = driver.StatePending
	StateHeld      = driver.StateHeld // pending, of a subscription that is not active
	StateDelivered = driver.StateDelivered
	StateDead      = driver.StateDead      // after the last attempt or a permanent answer: a dead letter
	StateCancelled = driver.StateCancelled // by its owner, its subscription was removed, or its held backlog trimmed
)

// Reasons of deliveries that their endpoint had no part in.
const (
	ReasonCancelled  = driver.ReasonCancelled  // Cancel ended it, or will once the attempt in flight is over
	ReasonUnreadable = driver.ReasonUnreadable // the store cannot read it: a row does not decode
)

// Attempt is one HTTP request of a delivery, with what came of it.
type Attempt = driver.Attempt

// Classes of failed attempts that got no status: the ErrorClass of an [Attempt] or a [Result].
const (
	ClassBlocked  = driver.ClassBlocked  // the address is not allowed
	ClassDNS      = driver.ClassDNS      // the name did not resolve
	ClassConnect  = driver.ClassConnect  // refused, reset, unreachable
	ClassTLS      = driver.ClassTLS      // handshake or certificate
	ClassTimeout  = driver.ClassTimeout  // no answer in time
	ClassProtocol = driver.ClassProtocol // not HTTP, or past a limit
	ClassUnknown  = driver.ClassUnknown  // the process lost sight of the request; its number is used again
)

// Replayed is one delivery and the delivery that repeats it.
type Replayed = driver.Replayed

// Cancelled is one delivery that Cancel ended, or that ends with the attempt in flight.
type Cancelled = driver.Cancelled

func finished(d *Delivery) bool { return d.State != StatePending && d.State != StateHeld }
