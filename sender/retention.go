package sender

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Retention says how long the store remembers. Run purges regularly; every process may.
type Retention struct {
	// Finished deliveries and their attempts, dead letters included, counted from the moment they ended. Defaults to
	// 30 days.
	Finished time.Duration
	// Identity is how long an event id is known, so that publishing it again does nothing; at least 24 h, for which
	// kirim.dev claims Meta's events (https://developers.kirim.chat/webhooks/overview). Defaults to 48 h.
	Identity time.Duration
	// HeldAge and HeldMax bound what is kept for a subscription that is not active. Default to 24 h and 10,000.
	HeldAge time.Duration
	HeldMax int
	// Every is the time between two purges; -1 means that Run never purges. Defaults to 5 minutes.
	Every time.Duration
}

func (r Retention) withDefaults() Retention {
	r.Finished = cmp.Or(r.Finished, 30*24*time.Hour)
	r.Identity = cmp.Or(r.Identity, 48*time.Hour)
	r.HeldAge = cmp.Or(r.HeldAge, 24*time.Hour)
	r.HeldMax = cmp.Or(r.HeldMax, 10_000)
	r.Every = cmp.Or(r.Every, 5*time.Minute)
	return r
}

// Purged counts what a Purge removed.
type Purged = driver.Purged

// Purge forgets what Config.Retention lets go, until there is no more, and counts it. Run does it regularly.
func (s *Sender) Purge(ctx context.Context) (Purged, error) {
	var total Purged
	r := s.cfg.Retention
	for {
		p, err := s.store.Purge(ctx, driver.PurgeRequest{
			Finished: r.Finished, Identity: r.Identity, HeldAge: r.HeldAge, HeldMax: r.HeldMax, Limit: 1000,
		})
		total.Deliveries += p.Deliveries
		total.Events += p.Events
		total.Held += p.Held
		if err != nil {
			return total, fmt.Errorf("sender: purge: %w", bare(err))
		}
		if p == (Purged{}) {
			return total, nil
		}
	}
}

// purgeRegularly reports what was trimmed of held events: unlike the rest, nobody has seen those.
func (s *Sender) purgeRegularly(ctx context.Context) {
	for pause(ctx, s.cfg.Retention.Every) {
		purged, err := s.Purge(ctx)
		switch {
		case err == nil:
			s.storeWorked(ctx, "purge")
		case ctx.Err() == nil:
			s.storeFailed(ctx, "purge", err)
		}
		if purged.Held > 0 {
			s.cfg.Logger.WarnContext(ctx, "held deliveries trimmed", "count", purged.Held)
		}
		if hook := s.cfg.Hooks.Purged; hook != nil && purged != (Purged{}) {
			s.guarded(ctx, "Purged", func() { hook(ctx, purged) })
		}
	}
}
