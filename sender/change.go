package sender

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Update changes a subscription: edit gets a copy and sets Name, Description, URL, Events, Devices, Headers or Rate;
// the other fields are the library's and are left as they are. edit may be called several times if others change the
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

// edit applies a change to what belongs to the owner, and checks the result.
func (o *Org) edit(r *driver.SubscriptionRecord, edit func(*Subscription)) error {
	sub := clone(&r.Subscription)
	edit(&sub)
	old := r.Subscription
	sub.ID, sub.Org, sub.Contract, sub.CreatedAt, sub.ActivatedAt = old.ID, old.Org, old.Contract, old.CreatedAt,
		old.ActivatedAt
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
