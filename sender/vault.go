package sender

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/id"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// vault seals secrets on their way into the store and opens them for signing. What was opened is kept for as long as
// the subscription's version stands, since a Secret carries keyed state that is worth reusing.
type vault struct {
	sealer  Sealer        // nil: stored as they are
	timeout time.Duration // of one call of it

	mu     sync.RWMutex
	opened map[subscriptionKey]opened
}

type subscriptionKey struct{ org, id string }

// opened is what requests need of one version of a subscription.
type opened struct {
	version int64
	url     *url.URL           // shared by requests, which only read it
	secrets []signature.Secret // of all records, in their order
}

// maxOpened bounds the vault's memory. Beyond it a random entry goes: a workload that cycles through more active
// subscriptions than this pays for opening again, nothing else.
const maxOpened = 10_000

func newVault(sealer Sealer, timeout time.Duration) *vault {
	return &vault{sealer: sealer, timeout: timeout, opened: map[subscriptionKey]opened{}}
}

// seal makes the record of a new secret.
func (v *vault) seal(ctx context.Context, org string, s signature.Secret, now time.Time) (driver.SecretRecord, error) {
	sealed := []byte(s.Reveal())
	if v.sealer != nil {
		ctx, cancel := context.WithTimeout(ctx, v.timeout)
		defer cancel()
		var err error
		if sealed, err = v.sealer.Seal(ctx, org, sealed); err != nil {
			return driver.SecretRecord{}, fmt.Errorf("sender: seal a secret: %w", bare(err))
		}
	}
	return driver.SecretRecord{ID: id.New("sec_"), Sealed: sealed, CreatedAt: now}, nil
}

// active opens sub, and of its secrets those that have not expired, in the order of their records: newest first.
func (v *vault) active(ctx context.Context, sub *driver.SubscriptionRecord, now time.Time) (opened, error) {
	o, err := v.open(ctx, sub)
	if err != nil {
		return opened{}, err
	}
	for i, record := range sub.Sealed {
		if expired(record, now) {
			// Rare: only while a rotation's overlap has ended and no later change has dropped the record.
			var live []signature.Secret
			for j := range sub.Sealed {
				if j < i || !expired(sub.Sealed[j], now) {
					live = append(live, o.secrets[j])
				}
			}
			o.secrets = live
			break
		}
	}
	return o, nil
}

func (v *vault) open(ctx context.Context, sub *driver.SubscriptionRecord) (opened, error) {
	key := subscriptionKey{sub.Org, sub.ID}
	v.mu.RLock()
	o, ok := v.opened[key]
	v.mu.RUnlock()
	if ok && o.version == sub.Version {
		return o, nil
	}
	o = opened{version: sub.Version, secrets: make([]signature.Secret, len(sub.Sealed))}
	var err error
	if o.url, err = url.Parse(sub.URL); err != nil {
		return opened{}, fmt.Errorf("sender: subscription %s: url does not parse", sub.ID) // what it quotes may hold tokens
	}
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	for i, record := range sub.Sealed {
		plain := record.Sealed
		if v.sealer != nil {
			if plain, err = v.sealer.Open(ctx, sub.Org, record.Sealed); err != nil {
				return opened{}, fmt.Errorf("sender: open secret %s of %s: %w", record.ID, sub.ID, bare(err))
			}
		}
		o.secrets[i] = signature.NewSecret(string(plain))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.opened) >= maxOpened {
		for other := range v.opened {
			delete(v.opened, other)
			break
		}
	}
	v.opened[key] = o
	return o, nil
}

func expired(r driver.SecretRecord, now time.Time) bool {
	return !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt)
}

// Sealer encrypts secrets at rest. Its methods may be called concurrently and must neither keep nor change the slices
// they get. org is whose secret it is: bind it to the cipher text, so that a row that is moved to another org does not
// open.
type Sealer interface {
	// Seal encrypts a new secret. An error fails the call that makes one.
	Seal(ctx context.Context, org string, plain []byte) ([]byte, error)
	// Open decrypts what Seal returned. An error holds the attempt up for a minute, or more when it has gone on for
	// longer, and consumes none; after three days the delivery is dead. What is open stays in memory until its
	// subscription changes.
	Open(ctx context.Context, org string, sealed []byte) ([]byte, error)
}
