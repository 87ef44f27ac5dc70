package sqlinbox

import (
	"context"
	"time"
)

const sqlStranded = `update {t} set due = {now} where stage = 2 and due > {now} + @most`

// unstrand makes due what waits for longer than anything is told to: the database's clock was ahead when that was
// written, and has been set back.
func (r *runner) unstrand(ctx context.Context) error {
	most := max(r.cfg.Lease, longestWait)
	for _, wait := range r.cfg.Waits {
		most = max(most, wait+wait/5)
	}
	_, err := r.db.write(ctx, sqlStranded, values{"most": (most + time.Minute).Microseconds()})
	return err
}

// longestWait is how far ahead a Retry-After can push a run.
const longestWait = day
