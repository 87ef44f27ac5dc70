package sender

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// maxSecrets is what fits one signature header: receivers read 16 segments, one of them the time.
const maxSecrets = 15

// Rotation says how a secret is replaced. The zero Rotation makes a new one that is the only one at once.
type Rotation struct {
	// Overlap is how long the older secrets go on signing beside the new one. Defaults to 0: they stop at once.
	Overlap time.Duration
	// Secret is the new one. Defaults to one that is made.
	Secret signature.Secret
}

// RotateSecret makes a new secret and returns it, this once. For Kirisan, whose header takes one, any overlap is
// [ErrInvalid], and the subscription waits for a test again.
//
// Errors: [ErrNotFound]; [ErrInvalid] names the fields at fault, and is also given where 15 secrets are active already.
func (o *Org) RotateSecret(ctx context.Context, id string, how Rotation) (signature.Secret, error) {
	if how.Overlap < 0 {
		return signature.Secret{}, invalid("Overlap", "%v is negative", how.Overlap)
	}
	var fresh signature.Secret
	_, err := o.change(ctx, id, func(c *Contract, r *driver.SubscriptionRecord) error {
		if c.Secrets.Single && how.Overlap > 0 {
			return invalid("Overlap", "%s takes one secret at a time, so that it can have none", c.Name)
		}
		fresh = how.Secret
		if fresh.IsZero() {
			fresh = c.Secrets.Generate()
		}
		if err := c.checkSecrets([]signature.Secret{fresh}); err != nil {
			return err
		}
		now := time.Now()
		sealed, err := o.s.sealAll(ctx, o.id, []signature.Secret{fresh}, now)
		if err != nil {
			return err
		}
		r.Sealed = append(sealed, retire(r.Sealed, now, how.Overlap)...)
		if len(r.Sealed) > maxSecrets {
			return fmt.Errorf("%w: rotate %s: %d secrets are active already; wait for one to expire, or call EndOverlap",
				ErrInvalid, id, maxSecrets)
		}
		if how.Overlap == 0 {
			untested(r, c)
		}
		return nil
	})
	if err != nil {
		return signature.Secret{}, err
	}
	return fresh, nil
}

// EndOverlap ends a rotation early: the newest secret alone signs from the next attempt on. Where there is no other it
// does nothing. Errors: [ErrNotFound].
func (o *Org) EndOverlap(ctx context.Context, id string) error {
	_, err := o.change(ctx, id, func(_ *Contract, r *driver.SubscriptionRecord) error {
		if len(r.Sealed) < 2 {
			return errUnchanged
		}
		r.Sealed = r.Sealed[:1]
		return nil
	})
	return err
}

// retire lets secrets end after overlap, or earlier where they would anyway, and drops those that have ended.
func retire(secrets []driver.SecretRecord, now time.Time, overlap time.Duration) []driver.SecretRecord {
	end := now.Add(overlap)
	for i := range secrets {
		if at := secrets[i].ExpiresAt; at.IsZero() || at.After(end) {
			secrets[i].ExpiresAt = end
		}
	}
	return slices.DeleteFunc(secrets, func(r driver.SecretRecord) bool { return expired(r, now) })
}

func (s *Sender) sealAll(
	ctx context.Context, org string, secrets []signature.Secret, now time.Time,
) ([]driver.SecretRecord, error) {
	records := make([]driver.SecretRecord, 0, len(secrets))
	for _, secret := range secrets {
		r, err := s.vault.seal(ctx, org, secret, now)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}
