package inboxtest

import (
	"context"
	"slices"
	"sync"

	"github.com/kirimhooks/kirimhooks/receiver"
)

// journal is a handler that writes down what ran.
type journal struct {
	answer func(ctx context.Context, ev *receiver.Event, run int) error // run counts from 1; nil succeeds

	mu      sync.Mutex
	ids     []string
	runs    map[string]int
	now     map[string]int // by lane
	overlap bool           // two of one lane
	most    int            // at once
}

func (j *journal) handle(ctx context.Context, ev *receiver.Event) error {
	lane := byPrefix(ev)
	run := j.begin(ev.ID, lane)
	defer j.end(lane)
	if j.answer == nil {
		return nil
	}
	return j.answer(ctx, ev, run)
}

func (j *journal) begin(id, lane string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.runs == nil {
		j.runs, j.now = map[string]int{}, map[string]int{}
	}
	j.ids = append(j.ids, id)
	j.runs[id]++
	j.now[lane]++
	all := 0
	for _, n := range j.now {
		all += n
	}
	j.most = max(j.most, all)
	j.overlap = j.overlap || lane != "" && j.now[lane] > 1
	return j.runs[id]
}

func (j *journal) end(lane string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.now[lane]--
}

// all returns the ids in the order in which they began to run.
func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.ids)
}

// lane returns the ids of one lane.
func (j *journal) lane(name string) []string {
	return slices.DeleteFunc(j.all(), func(id string) bool { return byPrefix(event(id)) != name })
}

func (j *journal) overlapped() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.overlap
}

func (j *journal) mostAtOnce() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.most
}

func (j *journal) count(id string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.runs[id]
}
