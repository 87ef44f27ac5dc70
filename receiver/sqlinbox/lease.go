package sqlinbox

import (
	"context"
	"time"
)

const (
	sqlRenew = `update {t} set due = {now} + @lease where stage + 0 = 2 and token like @mine and seq in (@seqs)`
	sqlHeld  = `select seq, token from {t} where stage + 0 = 2 and token like @mine and seq in (@seqs)`
)

// renewLeases renews the leases of all jobs every third of one, and sooner where that failed.
func (r *runner) renewLeases(ctx context.Context) {
	often := r.cfg.Lease / 3
	for pause := often; sleep(ctx, pause) == nil; {
		pause = often
		if err := r.renew(ctx); err != nil && ctx.Err() == nil {
			r.trouble(ctx, "renew", err)
			pause = often / 4
		}
		r.giveUp()
	}
}

func (r *runner) renew(ctx context.Context) error {
	jobs := r.leased()
	if len(jobs) == 0 {
		return nil
	}
	seqs := make([]int64, len(jobs))
	for i, j := range jobs {
		seqs[i] = j.seq
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Lease/3)
	defer cancel()
	now := time.Now()
	v := values{"seqs": seqs, "mine": r.name + ".%", "lease": r.cfg.Lease.Microseconds()}
	n, err := r.db.write(ctx, sqlRenew, v)
	if err != nil {
		return err
	}
	tokens := map[int64]string{}
	if int(n) < len(jobs) {
		delete(v, "lease")
		err = r.db.each(ctx, nil, sqlHeld, v, func(scan scanner) error {
			var seq int64
			var token string
			err := scan(&seq, &token)
			tokens[seq] = token
			return err
		})
		if err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range jobs {
		if int(n) == len(jobs) || tokens[j.seq] == j.token {
			j.held = now
		} else if !j.settling {
			j.cancel(ErrLeaseLost)
		}
	}
	return nil
}

// leased returns the jobs whose leases need renewing. One whose transaction keeps all others from writing needs none.
func (r *runner) leased() []*job {
	r.mu.Lock()
	defer r.mu.Unlock()
	var jobs []*job
	for j := range r.running {
		switch {
		case j.settling:
		case j.scope.writes():
			j.held = time.Now()
		default:
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// giveUp ends the contexts of handlers whose lease could not be renewed and is about to end.
func (r *runner) giveUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for j := range r.running {
		if !j.settling && time.Since(j.held) >= r.cfg.Lease*5/6 {
			j.cancel(ErrLeaseLost)
		}
	}
}
