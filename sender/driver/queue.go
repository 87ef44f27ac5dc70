package driver

import "context"

// Queue is the hot path. Everything in it is a batch and one round trip, plus one for bodies and subscriptions that the
// store has not cached. A cached subscription is used only at the version that the claim names.
type Queue interface {
	Enqueuer

	// Claim leases up to r.Limit deliveries of active subscriptions to a new token each: due ones, and those whose
	// lease ran out. Test deliveries are claimed whatever their subscription's status. It takes at most r.Quota[s] of
	// subscription s, or r.PerSubscription where s is not listed. Its cost must not depend on how many deliveries a
	// subscription has waiting. Order among due deliveries is free, but one within quota is taken within finitely many
	// claims. A claimed delivery has the Reason of its last outcome.
	//
	// A delivery has at most one live token; tokens are made by the store and never reused (one per call is enough).
	// Taking over a lapsed lease adds 1 to Lapses. It also writes one Attempt of the same number with ErrorClass
	// ClassUnknown, at the time of the take-over and without a duration.
	//
	// A due delivery whose row, event or subscription does not decode is ended in its place: StateDead with
	// ReasonUnreadable, no attempt logged, health untouched. Claims.Unreadable has it once. Replay takes it up again
	// when the row was mended.
	Claim(ctx context.Context, r ClaimRequest) (Claims, error)

	// Settle applies outcomes in order; settled[i] belongs to outcomes[i]. State, log, health and minute counts of an
	// applied outcome change together.
	//
	// A token holds its delivery until another Claim takes over, even past its lease. An outcome whose token no longer
	// does changes nothing and answers Applied false, but keeps its Attempt in the log, once. An outcome is known by
	// its delivery and token: the last one applied, given again, answers Applied true and writes nothing. An outcome
	// whose subscription is gone still applies; a pending one then ends in StateCancelled.
	//
	// An Attempt raises Delivery.Attempt to its N. Without one, or with class ClassUnknown, the number stays.
	//
	// Settled.Health is as it is after the batch where the outcome's Health is not HealthUnchanged, and in a repeat;
	// else it may be zero. A success while it is zero need not be written or read. Health that does not decode counts
	// as good.
	//
	// A delivery that Cancel marked ends in StateCancelled with [ReasonCancelled], whatever state its outcome names
	// except StateDelivered; Settled.Cancelled says so. All else of the outcome applies as it is.
	Settle(ctx context.Context, outcomes []Outcome) (settled []Settled, err error)
}
