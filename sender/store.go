package sender

import (
	"context"
	"time"
)

// Store keeps subscriptions, events and deliveries. It decides nothing: matching, schedules, health rules, signing
// and HTTP live in [Sender]. A Store is correct when storetest.Run passes; that suite is the definition.
//
// Rules for every method:
//
//   - Time. The store has one clock and it alone decides what is due and which lease has run out. Methods take and
//     return durations, never instants to compare. Times in the log (CreatedAt, FinishedAt, NextAt, Attempt.At) come
//     back as instants of that clock. The one exception is SecretRecord.ExpiresAt, which Sender's clock judges.
//   - Tenants. An (org, id) pair that does not exist and one of another org give the same [ErrNotFound].
//   - Texts and times. What cannot be given back as it was is refused before it is written: Publication.Valid and
//     SubscriptionRecord.Valid say what that is, with [ErrInvalid]. Times come back in UTC. An outcome is never refused for
//     its texts: what of Reason, ErrorClass and Response is not UTF-8, or NUL, comes back as U+FFFD.
//   - Rows that do not decode, by a fault or somebody's hand, fail no call. Claim ends the deliveries that need one, see
//     there; lists give what can be read of it and say [ReasonUnreadable], so that paging goes on: see [Log] and [Directory].
//     A call that fails altogether, because the disk or the server does, is another matter and an error.
//   - Extremes. A duration up to the longest that time.Duration holds is as good as any; one that is negative counts as 0. A
//     time in a query may be of any year.
//   - Bytes. Event bodies and sealed secrets come back bit for bit; both sides treat them as read-only.
//   - Errors. nil means durable. A method that returns an error may or may not have happened; each one is safe to
//     call again with the same arguments.
//   - Cancellation. A cancelled context ends a call with an error that wraps the context's.
//   - Concurrency. All methods may be called from many goroutines, processes and machines.
//
// Before v1 the interface changes only together with storetest, which then says what a store has to add. What is optional
// is found by type assertion: [Waiter], [Counter], and a method Overlap() int that says how many calls of Enqueue are worth
// having under way at once, always the same. A server prepares one transaction while it waits for the disk with another, at
// the price of smaller ones. Without it concurrent callers of Publish share one call at a time.
type Store interface {
	Queue
	Directory
	Log
}

// Enqueuer is the part of a [Store] that a transaction can be: the Tx methods of the stores return one.
type Enqueuer interface {
	// Enqueue stores each event once and one pending delivery, due at once, for every subscription of its org that
	// has at least one topic in common with it, whatever that subscription's status; with Publication.Only, for that
	// subscription alone (ErrNotFound in Err if it does not exist). Each Publication is all or nothing; results[i]
	// belongs to pubs[i], and a failure of one (results[i].Err) spoils no other.
	//
	// The same (org, event id) again, until Purge forgets it, stores nothing: Duplicate, and Err = ErrConflict if
	// Digest differs. The second of two in one call is a duplicate of the first, unless that failed. Matching needs nothing
	// of a subscription's row but whose it is: one that does not decode gets its delivery, which is never born claimed.
	//
	// The store makes delivery ids: 26 upper-case Crockford base32 characters, unique in the store and not
	// guessable. (They may encode the store's own key under a keyed permutation.) Sender shows them with "wbd_" before.
	//
	// claim, if not nil, asks to lease what its quota and limit allow, over the whole batch, to the caller at once
	// ("born claimed"), as Claim would. A store may answer with fewer or none, except that a delivery of a
	// Publication with Only is always leased, beyond quota and limit if need be. An Enqueuer that is a transaction never
	// leases.
	Enqueue(ctx context.Context, pubs []Publication, claim *ClaimRequest) (results []Enqueued, claims []Claim, err error)
}

// Queue is the hot path. Everything in it is a batch and one round trip, plus one for bodies and subscriptions that
// the store has not cached; a cached subscription is used only at the version that the claim names.
type Queue interface {
	Enqueuer

	// Claim leases up to r.Limit deliveries of active subscriptions to a new token each: due ones, and those whose lease
	// ran out. Test deliveries are claimed whatever their subscription's status. It takes at most r.Quota[s] of
	// subscription s (r.PerSubscription where s is not listed), and its cost must not depend on how many deliveries a
	// subscription has waiting. A delivery has at most one live token; tokens are made by the store and never
	// reused (one per call is enough). Taking over a lapsed lease adds 1 to Lapses and writes one Attempt of the
	// same number with ErrorClass ClassUnknown, at the time of the take-over and without a duration. A claimed delivery has
	// the Reason of its last outcome.
	//
	// A due delivery whose row, event or subscription does not decode is ended in its place: StateDead with
	// ReasonUnreadable, no attempt logged, health untouched, and answered in Claims.Unreadable, once. Replay takes it up again
	// when the row was mended.
	//
	// Order among due deliveries is free, but a due delivery within quota is taken within finitely many claims.
	Claim(ctx context.Context, r ClaimRequest) (Claims, error)

	// Settle applies outcomes in order; settled[i] belongs to outcomes[i]. A token holds its delivery until another Claim
	// takes over, even past its lease. An outcome whose token no longer does changes nothing and answers Applied false,
	// but keeps its Attempt in the log, once. An outcome is known by its delivery and token: the last one applied to a
	// delivery, given again, answers Applied true and writes nothing. An outcome whose subscription is gone still applies;
	// a pending one then ends in StateCancelled. State, attempt log row, health and minute counts of an applied
	// outcome change together. Health that does not decode counts as good health. An Attempt with a class other than
	// ClassUnknown raises Delivery.Attempt to its N; without one, or with ClassUnknown, the number stays.
	// Health is answered as it is after the batch where the outcome's Health is not HealthUnchanged, and in a repeat;
	// else it may be zero. A success while it is zero need not be written or read.
	//
	// A delivery that Cancel marked ends in StateCancelled with [ReasonCancelled], whatever state its outcome names except
	// StateDelivered; Settled.Cancelled says so. All else of the outcome applies as it is.
	Settle(ctx context.Context, outcomes []Outcome) (settled []Settled, err error)
}

// Directory keeps subscriptions.
type Directory interface {
	// PutSubscription creates (Version 0; ErrConflict if the id exists) or replaces (Version must match, else
	// ErrConflict; ErrNotFound if it is gone) and returns the new version. It never writes Health, except that a
	// change of Status to StatusActive zeroes it, and so does a change of URL.
	PutSubscription(ctx context.Context, s SubscriptionRecord) (version int64, err error)
	// DeleteSubscription removes it; from then on none of its deliveries is claimed, and unfinished ones read as
	// StateCancelled, at once or by a later Purge.
	DeleteSubscription(ctx context.Context, org, id string) error
	// Subscriptions lists by id, ascending in bytes, after the cursor; IDs, if given, picks those, and unknown ones are
	// left out. One that does not decode has its Org, ID, Version and Shard, StatusDisabled and ReasonUnreadable as its
	// StatusReason, and nothing else: a Put at that version replaces it, and Delete removes it.
	Subscriptions(ctx context.Context, q SubscriptionQuery) ([]SubscriptionRecord, error)
}

// Log is the record that people look at.
type Log interface {
	// Event returns a published event, or ErrNotFound, or ErrUnreadable.
	Event(ctx context.Context, org, id string) (StoredEvent, error)
	// Deliveries lists newest first, after q.After, at most q.Limit, 100 if that is 0. Unknown IDs are left out. One whose
	// own row does not decode has its ID and Org, what else can be read, StateDead and ReasonUnreadable. Of an event or a
	// subscription that does not decode it shows what can be read.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)
	// Attempts lists the attempts of one delivery in the order they were logged, or ErrNotFound. One that does not decode
	// has what can be read of it, and ReasonUnreadable as its ErrorClass.
	Attempts(ctx context.Context, org, deliveryID string) ([]Attempt, error)
	// Replay makes a new delivery (same event, attempt 1, ReplayedFrom) for each finished delivery that r selects, at
	// most r.Limit, and returns old → new in the order of the list. One whose event or subscription is gone is passed
	// over. So is one of which a later delivery of the same event and subscription was delivered, is unfinished, or is
	// selected too, be it before r.After; with r.Named only one whose own replay is unfinished.
	Replay(ctx context.Context, r ReplayRequest) ([]Replayed, error)
	// RetryNow makes deliveries due now that q selects and that wait for a retry, at most q.Limit, and returns their ids
	// in q's order. Those that are due already, in flight or finished are passed over.
	RetryNow(ctx context.Context, q DeliveryQuery) (ids []string, err error)
	// Cancel ends unfinished deliveries that q selects in StateCancelled with [ReasonCancelled], at most q.Limit, and
	// returns them in q's order. Whoever holds a lapsed lease of one comes too late: the attempt is logged and changes
	// nothing. One in flight is marked and reads as before, but for the reason; Settle ends it. If its lease runs out
	// first, it ends then, or in the next Claim at the latest, as one that is taken over: with an Attempt of
	// ClassUnknown. Marked ones are passed over.
	Cancel(ctx context.Context, q DeliveryQuery) ([]Cancelled, error)
	// Purge deletes at most about r.Limit rows: finished deliveries and their attempts older than r.Finished since they
	// finished, events without deliveries older than r.Identity since published, and the oldest held deliveries of
	// inactive subscriptions beyond r.HeldMax or r.HeldAge (these end in StateCancelled). It returns how many; call it until 0.
	Purge(ctx context.Context, r PurgeRequest) (Purged, error)
	// Minutes gives the counts of the last back, oldest first, minutes without an attempt left out; sub "" = the whole
	// org, an unknown one = ErrNotFound. Applied outcomes with an Attempt count, at the time of the settle. A store may
	// forget minutes older than 24 h, and leaves out counts that do not decode.
	Minutes(ctx context.Context, org, sub string, back time.Duration) ([]Minute, error)
}

// Waiter is optional: Wait returns when work may have become due that Claim's NextDue did not foresee, or with the
// context's error.
type Waiter interface {
	Wait(ctx context.Context) error
}

// Counter is optional: Counts for consoles and metrics without listing.
type Counter interface {
	Counts(ctx context.Context, org string) (Counts, error)
}
