package claimtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/dedupe"
	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
	"github.com/kirimhooks/kirimhooks/internal/claimtest"
)

// forgetful is a Memory that can be emptied.
type forgetful struct{ *dedupe.Memory }

func TestForget(t *testing.T) {
	f := &forgetful{dedupe.NewMemory(0)}
	claimtest.Forget(t, f, func() { f.Memory = dedupe.NewMemory(0) })
}

// unfair gives every claim.
type unfair struct{ *dedupe.Memory }

func (unfair) Claim(context.Context, string, string, time.Duration) (dedupe.State, time.Duration, error) {
	return dedupe.Claimed, 0, nil
}

func TestFinds(t *testing.T) {
	claimtest.Finds(t, "ClaimIsExclusive", dedupetest.Subject{Store: unfair{dedupe.NewMemory(0)}})
}
