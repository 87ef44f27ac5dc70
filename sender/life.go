package sender

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

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
	r, err := o.change(ctx, id, func(_ *Contract, r *SubscriptionRecord) error {
		before := r.URL
		if err := o.edit(r, edit); err != nil {
			return err
		}
		if !sameHost(before, r.URL) {
			return fmt.Errorf("%w: subscription %s; Move says what becomes of its secret", ErrHostChanged, id)
		}
		return nil
	})
	if err != nil {
		return Subscription{}, err
	}
	return r.shown(), nil
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
	r, err := o.change(ctx, id, func(c *Contract, r *SubscriptionRecord) error {
		if err := o.edit(r, func(sub *Subscription) { sub.URL = url }); err != nil {
			return err
		}
		if !renew || len(r.Sealed) == 0 {
			return nil
		}
		fresh = c.Secrets.Generate()
		sealed, err := o.s.sealAll(ctx, o.id, []signature.Secret{fresh}, time.Now())
		r.Sealed = sealed
		r.untested(c)
		return err
	})
	if err != nil {
		return Subscription{}, signature.Secret{}, err
	}
	return r.shown(), fresh, nil
}

// edit applies a change to what belongs to the owner, and checks the result.
func (o *Org) edit(r *SubscriptionRecord, edit func(*Subscription)) error {
	sub := r.clone()
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
		r.untested(contract)
	}
	return nil
}

// untested takes what a test has shown back, after a change of URL or secret.
func (r *SubscriptionRecord) untested(c *Contract) {
	if !c.PendingTest {
		return
	}
	r.ActivatedAt = time.Time{}
	if r.Status == StatusActive {
		r.deactivate()
	}
}

// stillUnfit reports whether what c has shown holds for the subscription as it is now: an endpoint's own wish for the version
// that was tried, bad health for the same URL and secrets, unless it was forgiven meanwhile.
func (s *Sender) stillUnfit(ctx context.Context, c *conclusion, now *SubscriptionRecord) bool {
	tried := c.claim.Subscription
	if c.disable {
		return now.Version == tried.Version
	}
	return now.sameEnd(tried) && s.unfit(ctx, now.Contract, now.Health)
}

func sameHost(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && ua.Scheme == ub.Scheme && ua.Host == ub.Host
}

// Pause holds a subscription's events until Resume; attempts in flight end. What is held too long, or beyond a number,
// is trimmed, see Retention.
func (o *Org) Pause(ctx context.Context, id string) error {
	return o.setStatus(ctx, id, StatusPaused, "paused by its owner")
}

// Disable holds a subscription's events as the library does for one that keeps failing; reason is kept with it.
func (o *Org) Disable(ctx context.Context, id, reason string) error {
	if !validText(reason) {
		return fmt.Errorf("%w: disable %s: reason: must be valid UTF-8 of at most %d bytes", ErrInvalid, id, maxText)
	}
	return o.setStatus(ctx, id, StatusDisabled, reason)
}

// Resume makes a paused or disabled subscription active again: its health starts anew, and what was held is delivered.
// One whose contract wants a test, and that has not passed it, goes back to waiting for it.
func (o *Org) Resume(ctx context.Context, id string) error {
	_, err := o.change(ctx, id, func(c *Contract, r *SubscriptionRecord) error {
		switch {
		case r.Status == StatusActive || r.Status == StatusPendingTest:
			return errUnchanged
		case c.PendingTest && r.ActivatedAt.IsZero():
			r.deactivate()
		default:
			r.Status, r.StatusReason = StatusActive, ""
		}
		return nil
	})
	if err == nil {
		o.s.wake() // what was held is due
	}
	return err
}

func (o *Org) setStatus(ctx context.Context, id string, status Status, reason string) error {
	_, err := o.change(ctx, id, func(_ *Contract, r *SubscriptionRecord) error {
		if r.Status == status && r.StatusReason == reason {
			return errUnchanged
		}
		r.Status, r.StatusReason = status, reason
		return nil
	})
	return err
}

// Unsubscribe removes a subscription. Its unfinished deliveries are cancelled, and no attempt starts afterwards; one
// in flight ends.
func (o *Org) Unsubscribe(ctx context.Context, id string) error {
	if err := o.s.store.DeleteSubscription(ctx, o.id, id); err != nil {
		return fmt.Errorf("sender: unsubscribe %s: %w", id, bare(err))
	}
	return nil
}

// maxSecrets is what one signature header has room for: receivers read 16 segments, one of them the time.
const maxSecrets = 15

// RotateSecret makes a new secret and returns it, this once. The older ones go on signing beside it for overlap, then
// never again; 0 means that they stop at once. For Kirisan, whose header has room for one, any overlap is
// [ErrInvalid], and the subscription waits for a test again. own, if given, is used instead of a new one.
//
// Errors: [ErrNotFound]; [ErrInvalid] also if own is unfit, or 15 secrets are active already.
func (o *Org) RotateSecret(ctx context.Context, id string, overlap time.Duration, own ...signature.Secret) (signature.Secret, error) {
	if overlap < 0 || len(own) > 1 {
		return signature.Secret{}, fmt.Errorf("%w: rotate %s: overlap must not be negative, and one secret at most be given", ErrInvalid, id)
	}
	var fresh signature.Secret
	_, err := o.change(ctx, id, func(c *Contract, r *SubscriptionRecord) error {
		if c.Secrets.Single && overlap > 0 {
			return fmt.Errorf("%w: rotate %s: %s has room for one secret, so that it can have no overlap", ErrInvalid, id, c.Name)
		}
		fresh = c.Secrets.Generate()
		if len(own) > 0 {
			fresh = own[0]
		}
		if err := c.checkSecrets([]signature.Secret{fresh}); err != nil {
			return err
		}
		now := time.Now()
		sealed, err := o.s.sealAll(ctx, o.id, []signature.Secret{fresh}, now)
		if err != nil {
			return err
		}
		r.Sealed = append(sealed, retire(r.Sealed, now, overlap)...)
		if len(r.Sealed) > maxSecrets {
			return fmt.Errorf("%w: rotate %s: %d secrets are active already; wait for one to expire", ErrInvalid, id, maxSecrets)
		}
		if overlap == 0 {
			r.untested(c)
		}
		return nil
	})
	if err != nil {
		return signature.Secret{}, err
	}
	return fresh, nil
}

// retire lets secrets end after overlap, or earlier where they would anyway, and drops those that have ended.
func retire(secrets []SecretRecord, now time.Time, overlap time.Duration) []SecretRecord {
	end := now.Add(overlap)
	for i := range secrets {
		if at := secrets[i].ExpiresAt; at.IsZero() || at.After(end) {
			secrets[i].ExpiresAt = end
		}
	}
	return slices.DeleteFunc(secrets, func(r SecretRecord) bool { return r.expired(now) })
}

func (s *Sender) sealAll(ctx context.Context, org string, secrets []signature.Secret, now time.Time) ([]SecretRecord, error) {
	records := make([]SecretRecord, 0, len(secrets))
	for _, secret := range secrets {
		r, err := s.vault.seal(ctx, org, secret, now)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// disable ends the deliveries to a subscription that keeps failing, as c has shown. Of several processes that notice at
// once, one does it and tells. What has changed since the attempt began is judged as it is now.
func (s *Sender) disable(ctx context.Context, c *conclusion) {
	org, id := c.outcome.Org, c.outcome.Subscription
	var first bool
	r, err := s.Org(org).change(ctx, id, func(_ *Contract, r *SubscriptionRecord) error {
		if first = r.Status == StatusActive && s.stillUnfit(ctx, c, r); !first {
			return errUnchanged
		}
		r.Status, r.StatusReason = StatusDisabled, "keeps failing: "+c.outcome.Reason
		return nil
	})
	if err != nil {
		s.cfg.Logger.WarnContext(ctx, "subscription not disabled", "org", org, "subscription", id, "error", err)
		return
	}
	if !first {
		return
	}
	s.cfg.Logger.WarnContext(ctx, "subscription disabled", "org", org, "subscription", id, "reason", r.StatusReason)
	if hook := s.cfg.Hooks.Disabled; hook != nil {
		s.guarded(ctx, "Disabled", func() { hook(ctx, r.shown()) })
	}
}
