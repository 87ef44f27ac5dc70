package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// line is what is printed of an attempt. The order of the fields is that of the output.
type line struct {
	N          int          `json:"n"`      // from 1
	Status     int          `json:"status"` // 0 if no answer came
	Class      string       `json:"class"`  // why not: "timeout", "connect", "blocked"…
	DurationMS float64      `json:"duration_ms"`
	DeliveryID string       `json:"delivery_id"`
	EventID    string       `json:"event_id"`
	Type       string       `json:"type"`
	State      sender.State `json:"state"` // of the delivery, after the attempt
	Test       bool         `json:"test"`
	Response   string       `json:"response"` // the beginning of the answer
}

// report prints attempts and counts what became of the deliveries.
type report struct {
	contract sender.Contract
	finish   func() // called when all that were wanted have ended

	mu        sync.Mutex
	out       *json.Encoder
	wanted    int
	ended     int
	delivered int
	err       error // the first that writing met
}

func newReport(w io.Writer, contract sender.Contract, wanted int, finish func()) *report {
	return &report{contract: contract, finish: finish, out: json.NewEncoder(w), wanted: wanted}
}

// attempt is the hook of a request that was made.
func (r *report) attempt(_ context.Context, d sender.Delivery, a sender.Attempt) {
	l := line{
		N:          a.N,
		Status:     a.StatusCode,
		Class:      a.ErrorClass,
		DurationMS: float64(a.Duration.Round(time.Microsecond)) / float64(time.Millisecond),
		DeliveryID: d.ID,
		EventID:    d.EventID,
		Type:       d.EventType,
		State:      r.state(a),
		Test:       a.Test,
		Response:   a.Response,
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.out.Encode(l); err != nil && r.err == nil {
		r.err = fmt.Errorf("print: %w", err)
	}
}

// state says where an attempt leaves its delivery. The hook comes before the outcome is stored, but the contract's
// judgement is a pure function, and so can be asked again.
func (r *report) state(a sender.Attempt) sender.State {
	verdict := r.contract.Classify(sender.Result{StatusCode: a.StatusCode, ErrorClass: a.ErrorClass, Attempt: a.N})
	switch verdict.Judgement {
	case sender.Delivered:
		return sender.StateDelivered
	case sender.Retry:
		if _, more := r.contract.Schedule.Wait(a.N); more && !a.Test {
			return sender.StatePending
		}
	}
	return sender.StateDead
}

// finished is the hook of a delivery that ended.
func (r *report) finished(_ context.Context, d sender.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d.State == sender.StateDelivered {
		r.delivered++
	}
	if r.ended++; r.ended == r.wanted {
		r.finish()
	}
}

// verdict is nil if all was delivered, and told.
func (r *report) verdict() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil && r.delivered < r.wanted {
		return fmt.Errorf("%d of %d delivered", r.delivered, r.wanted)
	}
	return r.err
}
