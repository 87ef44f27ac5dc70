package sender

import (
	"context"
	"fmt"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Counts are the deliveries of an org by what they wait for: a worker, a retry, their subscription. Those in flight may
// be left out. Dead ones are those that Retention has not let go.
type Counts = driver.Counts

// Counts counts the deliveries of the org, without listing them. A store need not be able to: the error is then
// [errors.ErrUnsupported]. Memstore, sqlitestore and pgstore are.
func (o *Org) Counts(ctx context.Context) (Counts, error) {
	counts, err := o.s.store.Counts(ctx, o.id)
	if err != nil {
		return Counts{}, fmt.Errorf("sender: counts: %w", bare(err))
	}
	return counts, nil
}
