package sender

import (
	"context"
	"net/url"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Move changes a subscription's URL, to another host too. A new secret replaces all that it has and is returned, this
// once; the zero Secret where it has none. Health starts anew with another URL. For Kirisan another URL or secret makes
// the subscription wait for a test again. Errors are those of Update but for [ErrHostChanged].
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
