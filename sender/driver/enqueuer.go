package driver

import "context"

// Enqueuer is the part of a [Store] that a transaction can be: the Tx methods of the stores return one.
type Enqueuer interface {
	// Enqueue stores each event once, and one pending delivery for every subscription of its org that shares a topic
	// with it. The delivery is due at once, and the subscription's status does not matter. With Publication.Only it is
	// for that subscription alone; if that does not exist, Err is ErrNotFound. Each Publication is all or nothing;
	// results[i] belongs to pubs[i], and a failure of one (results[i].Err) spoils no other.
	//
	// The same (org, event id) again, until Purge forgets it, stores nothing: Duplicate, and Err = ErrConflict if
	// Digest differs. The second of two in one call is a duplicate of the first, unless that failed.
	//
	// Matching needs nothing of a subscription's row but whose it is. A row that does not decode gets its delivery,
	// which is never born claimed.
	//
	// The store makes delivery ids: 26 upper-case Crockford base32 characters, unique in the store and not guessable.
	// They may encode the store's own key under a keyed permutation. Sender shows them with "wbd_" before.
	//
	// claim, if not nil, asks to lease new deliveries to the caller at once ("born claimed"), as Claim would. Its quota
	// and limit hold over the whole batch. A store may answer with fewer or none. Only the delivery of a Publication
	// with Only is always leased, beyond quota and limit if need be. An Enqueuer that is a transaction never leases.
	Enqueue(ctx context.Context, pubs []Publication, claim *ClaimRequest) (results []Enqueued, claims []Claim, err error)
}
