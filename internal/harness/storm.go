//go:build unix

package harness

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"
)

// storm lets workers live and die until there were enough kills, and returns the last ones, alive.
func (r *run) storm(ctx context.Context) ([]*process, error) {
	last := make([]*process, r.Workers)
	abate := make(chan struct{})
	var weather errgroup.Group
	if r.Weather != nil {
		weather.Go(func() error { return r.storms(abate) })
	}
	weather.Go(func() error { return r.meddle(ctx, abate) })
	slots, alive := errgroup.WithContext(ctx) // ends with the first slot that fails
	for slot := range r.Workers {
		slots.Go(func() (err error) {
			last[slot], err = r.lives(alive, slot)
			return err
		})
	}
	err := slots.Wait()
	close(abate)
	return last, errors.Join(err, weather.Wait())
}

// lives lets one worker after the other live and die, and returns the last one.
func (r *run) lives(ctx context.Context, slot int) (*process, error) {
	random := rand.New(rand.NewPCG(r.Seed, uint64(slot)))
	life := 0
	if r.Kills == 0 {
		if err := r.live(ctx, slot, life, fate{end: retired, after: r.Work}); err != nil {
			return nil, err
		}
		life++
	}
	for ; r.stormy() && ctx.Err() == nil; life++ {
		if err := r.live(ctx, slot, life, draw(random)); err != nil {
			return nil, err
		}
	}
	return r.start(slot, life, fate{}, true)
}

// storms strikes again and again.
func (r *run) storms(abate chan struct{}) error {
	random := rand.New(rand.NewPCG(r.Seed, uint64(r.Workers)))
	for {
		select {
		case <-abate:
			return nil
		case <-time.After(time.Duration(random.IntN(1000)) * time.Millisecond):
		}
		fault, crash, err := r.Weather.Strike(random)
		if err != nil {
			return err
		}
		r.count(fault, crash)
	}
}

// meddle is the owner of the subscriptions, who pauses one now and then, and resumes it.
func (r *run) meddle(ctx context.Context, abate chan struct{}) error {
	random := rand.New(rand.NewPCG(r.Seed, uint64(r.Workers+1)))
	for !closed(abate) {
		s := r.subs[random.IntN(len(r.subs))]
		org := r.sender.Org(s.Org)
		if err := insist(ctx, func() error { return org.Pause(ctx, s.ID) }); err != nil {
			return err
		}
		from := time.Now()
		idle(ctx, time.Duration(random.IntN(400))*time.Millisecond)
		to := time.Now()
		if err := insist(ctx, func() error { return org.Resume(ctx, s.ID) }); err != nil {
			return err
		}
		r.pauses = append(r.pauses, Pause{s.ID, from, to})
		idle(ctx, time.Duration(random.IntN(400))*time.Millisecond)
	}
	return nil
}

// insist goes on while the database is away.
func insist(ctx context.Context, f func() error) error {
	const patience = 30 * time.Second
	end := time.Now().Add(patience)
	for {
		err := f()
		if err == nil || ctx.Err() != nil || time.Now().After(end) {
			return err
		}
		idle(ctx, 50*time.Millisecond)
	}
}

func (r *run) stormy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kills.total() < r.Kills
}

func (r *run) count(what string, kill bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kill {
		r.kills[what]++
	} else {
		r.faults[what]++
	}
}
