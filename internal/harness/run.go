//go:build unix

package harness

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// Plan is a run.
type Plan struct {
	Backend Backend
	Address string  // of the database, for the parent
	Via     string  // for the workers; defaults to Address
	Dir     string  // for journals and logs
	Seed    uint64  // of the order of the faults
	Workers int     // at a time
	Kills   int     // of workers and of the database, before it becomes calm; 0: nobody dies
	Weather Weather // or nil

	Lease    time.Duration // of each claim, in place of what a Sender asks for
	Work     time.Duration // without kills: how long the workers publish
	Patience time.Duration // for the backlog to reach zero once it is calm
}

// run is a run in progress.
type run struct {
	Plan
	recorder *Recorder
	sender   *sender.Sender // the parent's, for subscriptions and the log; it never runs
	opened   *Opened
	subs     []Subscription
	pauses   []Pause
	pack     *pack

	mu     sync.Mutex
	kills  tally
	faults tally
	doomed map[string]*process // workers to be killed by the next request that they send
}

// Run carries out a plan. The error is for what kept it from an examination; what the examination found is in
// Report.Violations.
func Run(ctx context.Context, p Plan) (*Report, error) {
	if p.Via == "" {
		p.Via = p.Address
	}
	r := &run{Plan: p, kills: tally{}, faults: tally{}, doomed: map[string]*process{}}
	r.recorder = NewRecorder(r.onArrival)
	defer r.recorder.Close()
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	defer r.opened.Close()
	pack, err := newPack()
	if err != nil {
		return nil, err
	}
	defer pack.close()
	r.pack = pack

	workers, err := r.storm(ctx)
	if err != nil {
		return nil, err
	}
	r.recorder.Calm()
	calm := time.Now()
	late, err := r.drain(ctx, workers)
	if err != nil {
		return nil, err
	}
	report := &Report{kills: r.kills, faults: r.faults, Drained: time.Since(calm), Seed: p.Seed}
	for _, w := range workers {
		if err := w.retire(); err != nil {
			return nil, err
		}
	}
	if report.Evidence, err = r.collect(ctx); err != nil {
		return nil, err
	}
	report.Violations = append(late, Examine(&report.Evidence)...)
	return report, nil
}

// prepare opens the store and makes the subscriptions: in each org one that wants everything and one that wants some,
// of which the latter never succeeds before it is calm.
func (r *run) prepare(ctx context.Context) (err error) {
	if r.opened, err = r.Backend.Open(ctx, r.Address); err != nil {
		return err
	}
	if err := r.opened.Prepare(ctx); err != nil {
		return err
	}
	if r.sender, err = sender.New(r.opened.Store, config("parent")); err != nil {
		return err
	}
	for _, org := range orgs {
		for _, prefix := range []string{"", "conversation."} {
			name := fmt.Sprintf("%s-%d", org, len(r.subs))
			secret := signature.GenerateSecret()
			url := r.recorder.Endpoint(name, secret, prefix != "")
			sub, _, err := r.sender.Org(org).Subscribe(ctx, sender.Subscription{URL: url, Events: []string{prefix + "*"}},
				secret)
			if err != nil {
				return err
			}
			r.recorder.Assign(name, sub.ID)
			r.subs = append(r.subs, Subscription{Org: org, ID: sub.ID, Prefix: prefix})
		}
	}
	return nil
}
