package sender

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"

	"github.com/kirimhooks/kirimhooks/signature"
)

// Update changes a subscription: edit gets a copy and sets Name, Description, URL, Events, Devices, Headers or Rate; the
// other fields are the library's and are left as they are. edit may be called several times if others change the
// subscription meanwhile.
//
// A URL on another scheme, host or port is refused with [ErrHostChanged], since the new host would learn the secret of
// the old: use Move. For Kirisan a change of URL makes the subscription wait for a test again. Other errors:
// [ErrNotFound], and those of Subscribe.
func (o *Org) Update(ctx context.Context, id string, edit func(*Subscription)) (Subscription, error) {
	var contract *Contract
	var before Subscription
	r, err := o.change(ctx, id, func(c *Contract, r *driver.SubscriptionRecord) error {
		contract, before = c, r.Subscription
		if err := o.edit(r, edit); err != nil {
			return err
		}
		if !sameHost(before.URL, r.URL) {
			return fmt.Errorf("%w: subscription %s; Move says what becomes of its secret", ErrHostChanged, id)
		}
		return nil
	})
	if err != nil {
		return Subscription{}, err
	}
	o.warnOfUnknown(ctx, contract, &r.Subscription, before.Events)
	return shownSubscription(&r), nil
}

// Move changes a subscription's URL, to another host too. A new secret replaces all that it has and is returned, this
// once; the zero Secret where it has none. Health starts anew with another URL. For Kirisan another URL or secret makes the subscription wait for a test
// again. Errors are those of Update but for [ErrHostChanged].
func (o *Org) Move(ctx context.Context, id, url string) (Subscription, signature.Secret, error) {
	return o.move(ctx, id, url, true)
}

// MoveWithSecret is Move to a host that knows the subscription's secrets already: they stay as they are.
func (o *Org) MoveWithSecret(ctx context.Context, id, url string) (Subscription, error) {
	sub, _, err := o.move(ctx, id, url, false)
	return sub, err
}

func (o *Org) move(ctx context.Context, id, url string, renew bool) (Subscription, signature.Secret, error) {
	var fresh signature.Secret
	r, err := o.change(ctx, id, func(c *Contract, r *driver.SubscriptionRecord) error {
		if err := o.edit(r, func(sub *Subscription) { sub.URL = url }); err != nil {
			return err
		}
		if !renew || len(r.Sealed) == 0 {
			return nil
		}
		fresh = c.Secrets.Generate()
		sealed, err := o.s.sealAll(ctx, o.id, []signature.Secret{fresh}, time.Now())
		r.Sealed = sealed
		untested(r, c)
		return err
	})
	if err != nil {
		return Subscription{}, signature.Secret{}, err
	}
	return shownSubscription(&r), fresh, nil
}

// edit applies a change to what belongs to the owner, and checks the result.
func (o *Org) edit(r *driver.SubscriptionRecord, edit func(*Subscription)) error {
	sub := clone(&r.Subscription)
	edit(&sub)
	old := r.Subscription
	sub.ID, sub.Org, sub.Contract, sub.CreatedAt, sub.ActivatedAt = old.ID, old.Org, old.Contract, old.CreatedAt, old.ActivatedAt
	sub.Status, sub.StatusReason, sub.Secrets = old.Status, old.StatusReason, old.Secrets
	contract, err := o.s.check(o.id, &sub)
	if err != nil {
		return err
	}
	r.Subscription = sub
	if sub.URL != old.URL {
		untested(r, contract)
	}
	return nil
}

// untested takes what a test has shown back, after a change of URL or secret.
func untested(r *driver.SubscriptionRecord, c *Contract) {
	if !c.Endpoint.PendingTest {
		return
	}
	r.ActivatedAt = time.Time{}
	if r.Status == StatusActive {
		deactivate(r)
	}
}

func sameHost(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && ua.Scheme == ub.Scheme && ua.Host == ub.Host
}
