package sender

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/id"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Subscribe stores sub with the given secrets, newest first; with none, one is made, unless its contract does without
// (Kirisan). It returns the subscription as stored and its newest secret, which is shown this once.
//
// Errors: [ErrInvalid] and [ErrForbiddenURL] name the fields at fault; [ErrLimit].
func (o *Org) Subscribe(
	ctx context.Context, sub Subscription, secrets ...signature.Secret,
) (Subscription, signature.Secret, error) {
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
