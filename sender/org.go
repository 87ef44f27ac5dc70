package sender

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/id"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Org is one tenant's view of a [Sender]. An id of another tenant and one that does not exist both give [ErrNotFound].
// Besides the errors that a method names, each returns those of the store, wrapped. All methods may be called
// concurrently.
type Org struct {
	s  *Sender
	id string
}

// Subscribe stores sub with the given secrets, newest first; with none, one is made, unless its contract does without
// (Kirisan). It returns the subscription as stored and its newest secret, which is shown this once.
//
// Errors: [ErrInvalid] and [ErrForbiddenURL] name the fields at fault; [ErrLimit].
func (o *Org) Subscribe(ctx context.Context, sub Subscription, secrets ...signature.Secret) (Subscription, signature.Secret, error) {
	contract, err := o.s.check(o.id, &sub)
	if err != nil {
		return Subscription{}, signature.Secret{}, err
	}
	if len(secrets) == 0 && !contract.Secrets.Optional {
		secrets = []signature.Secret{contract.Secrets.Generate()}
	}
	if err := contract.checkSecrets(secrets); err != nil {
		return Subscription{}, signature.Secret{}, err
	}
	if err := o.mayAdd(ctx); err != nil {
		return Subscription{}, signature.Secret{}, err
	}
	now := time.Now()
	sub.ID, sub.Org, sub.CreatedAt = id.New("wbs_"), o.id, now
	sub.Status, sub.StatusReason, sub.ActivatedAt = StatusActive, "", now
	record := driver.SubscriptionRecord{Subscription: sub}
	if contract.Endpoint.PendingTest {
		deactivate(&record)
	}
	if record.Sealed, err = o.s.sealAll(ctx, o.id, secrets, now); err != nil {
		return Subscription{}, signature.Secret{}, err
	}
	if err := o.put(ctx, contract, &record); err != nil {
		return Subscription{}, signature.Secret{}, fmt.Errorf("sender: subscribe: %w", bare(err))
	}
	o.warnOfUnknown(ctx, contract, &record.Subscription, nil)
	var newest signature.Secret
	if len(secrets) > 0 {
		newest = secrets[0]
	}
	return shownSubscription(&record), newest, nil
}

// warnOfUnknown tells of the first type that sub wants and the platform is not known to have. Those that it had before
// were told then.
func (o *Org) warnOfUnknown(ctx context.Context, c *Contract, sub *Subscription, before []string) {
	if c.Known == nil {
		return
	}
	slip := func(name string) bool {
		return !strings.Contains(name, "*") && !slices.Contains(before, name) && !c.Known(c.canonical(name))
	}
	if i := slices.IndexFunc(sub.Events, slip); i >= 0 {
		o.s.cfg.Logger.WarnContext(ctx, "subscribed to a type that is not known; is it spelled right?",
			"org", o.id, "subscription", sub.ID, "type", sub.Events[i])
	}
}

// mayAdd refuses one subscription too many. Two calls at once may both find the last place: the limit guards against
// runaway use, not against one more.
func (o *Org) mayAdd(ctx context.Context) error {
	most := o.s.cfg.MaxSubscriptions
	if most < 0 {
		return nil
	}
	have, err := o.s.store.Subscriptions(ctx, SubscriptionQuery{Org: o.id, Limit: most})
	if err != nil {
		return fmt.Errorf("sender: subscribe: %w", bare(err))
	}
	if len(have) >= most {
		return fmt.Errorf("%w: org %s has %d subscriptions", ErrLimit, o.id, most)
	}
	return nil
}

// Subscription returns one.
func (o *Org) Subscription(ctx context.Context, id string) (Subscription, error) {
	r, err := o.record(ctx, id)
	if err != nil {
		return Subscription{}, err
	}
	return shownSubscription(&r), nil
}

// Subscriptions yields those that q selects, by id; the zero query all. A page of a list is a query with a Limit, and the
// next one has the last ID seen as its After. An error ends the sequence.
func (o *Org) Subscriptions(ctx context.Context, q SubscriptionQuery) iter.Seq2[Subscription, error] {
	return func(yield func(Subscription, error) bool) {
		for r, err := range o.records(ctx, q) {
			if !yield(shownSubscription(&r), err) {
				return
			}
		}
	}
}

func (o *Org) records(ctx context.Context, q SubscriptionQuery) iter.Seq2[driver.SubscriptionRecord, error] {
	const page = 100
	return func(yield func(driver.SubscriptionRecord, error) bool) {
		q, most := q, q.Limit
		q.Org = o.id
		for n := 0; most == 0 || n < most; {
			q.Limit = page
			if most > 0 {
				q.Limit = min(page, most-n)
			}
			records, err := o.s.store.Subscriptions(ctx, q)
			if err != nil {
				yield(driver.SubscriptionRecord{}, fmt.Errorf("sender: subscriptions: %w", bare(err)))
				return
			}
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
				q.After = r.ID
			}
			if n += len(records); len(records) < q.Limit {
				return
			}
		}
	}
}

func (o *Org) record(ctx context.Context, id string) (driver.SubscriptionRecord, error) {
	records, err := o.s.store.Subscriptions(ctx, SubscriptionQuery{Org: o.id, IDs: []string{id}, Limit: 1})
	if err != nil {
		return driver.SubscriptionRecord{}, fmt.Errorf("sender: subscription %s: %w", id, bare(err))
	}
	if len(records) == 0 {
		return driver.SubscriptionRecord{}, fmt.Errorf("sender: subscription %s: %w", id, bare(ErrNotFound))
	}
	return records[0], nil
}

// put computes the topics and writes the record.
func (o *Org) put(ctx context.Context, c *Contract, r *driver.SubscriptionRecord) error {
	r.Topics = c.subscriptionTopics(&r.Subscription)
	if err := r.Valid(); err != nil {
		return err
	}
	version, err := o.s.store.PutSubscription(ctx, *r)
	r.Version = version
	return err
}

// errUnchanged is what an edit returns that finds nothing to do.
var errUnchanged = errors.New("unchanged")

// change applies edit to a subscription until no other change comes between.
func (o *Org) change(ctx context.Context, id string, edit func(*Contract, *driver.SubscriptionRecord) error) (driver.SubscriptionRecord, error) {
	const tries = 10
	for range tries {
		r, err := o.record(ctx, id)
		if err != nil {
			return driver.SubscriptionRecord{}, err
		}
		if unreadable(&r) {
			return driver.SubscriptionRecord{}, fmt.Errorf("%w: subscription %s: remove it with Unsubscribe, and subscribe anew", ErrUnreadable, id)
		}
		contract := o.s.contract(r.Contract)
		if contract == nil {
			return driver.SubscriptionRecord{}, fmt.Errorf("%w: subscription %s: this Sender has no contract %q", ErrInvalid, id, r.Contract)
		}
		r.Subscription = clone(&r.Subscription)
		r.Sealed = slices.Clone(r.Sealed)
		switch err := edit(contract, &r); {
		case errors.Is(err, errUnchanged):
			return r, nil
		case err != nil:
			return driver.SubscriptionRecord{}, err
		}
		err = o.put(ctx, contract, &r)
		if err == nil {
			return r, nil
		}
		if !errors.Is(err, ErrConflict) {
			return driver.SubscriptionRecord{}, fmt.Errorf("sender: subscription %s: %w", id, bare(err))
		}
	}
	return driver.SubscriptionRecord{}, fmt.Errorf("sender: subscription %s: changed by others all the time: %w", id, bare(ErrConflict))
}

// shownSubscription is a record as its owner sees it.
func shownSubscription(r *driver.SubscriptionRecord) Subscription {
	sub := clone(&r.Subscription)
	sub.Secrets = nil
	for _, s := range r.Sealed {
		sub.Secrets = append(sub.Secrets, SecretInfo{ID: s.ID, CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt})
	}
	return sub
}

// deactivate makes a subscription wait for a test.
func deactivate(r *driver.SubscriptionRecord) {
	r.ActivatedAt = time.Time{}
	r.Status, r.StatusReason = StatusPendingTest, "waits for a successful test"
}
