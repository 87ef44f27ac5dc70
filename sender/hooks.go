package sender

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Hooks are told what happens, for metrics and alerts. Any may be nil, and each may be called from several goroutines
// at once. They run on the goroutine that does the work and should return at once: one that waits holds up a worker, or
// in Finished, Failing, Disabled and StoreFailed all that is waiting to be written. They may call the Sender. A hook
// that panics is logged and otherwise ignored.
type Hooks struct {
	// Published is called for each event that Publish or PublishTx stored, and for each duplicate; for PublishTx before
	// the transaction has committed.
	Published func(ctx context.Context, r Receipt)
	// Traceparent is called once by each Publish, PublishTx, PublishAll and Test, with its context. It returns the W3C
	// traceparent of the span in it, "" for none, which is kept with the event for AttemptStart. One that is not 1 to 128
	// visible ASCII characters is left out.
	Traceparent func(ctx context.Context) string
	// AttemptStart is called before each request. traceparent is what Traceparent said when the event was published,
	// perhaps in another process or before a replay. The context it returns, if not nil, must come of ctx. It is the
	// request's and AttemptDone's, so that a span can ride on it.
	AttemptStart func(ctx context.Context, d Delivery, traceparent string) context.Context
	// AttemptDone is called after each request.
	AttemptDone func(ctx context.Context, d Delivery, a Attempt)
	// Failed is called for each request that got no answer, with the reason: which address was refused, which certificate
	// does not verify. It comes before AttemptDone and is for operators: show tenants no more than Attempt.ErrorClass, or
	// they could map a network. The text of cause holds neither the URL nor what the endpoint sent, and errors.As finds
	// what it wraps, whose own text may; with Config.Transport it is that one's error.
	Failed func(ctx context.Context, d Delivery, a Attempt, cause error)
	// Finished is called once for each delivery that ended, with its last state, after the store wrote it. One that our
	// own side could not attempt for three days ends here too, dead with a Reason that begins with "internal error": a
	// secret that does not open, a contract that no process has, a Sign that fails, a Classify that panics, a proxy that
	// is down.
	Finished func(ctx context.Context, d Delivery)
	// Failing is called when a dead delivery has brought a subscription 50, 70, 90 or 100 % of the way to being disabled,
	// by its contract: of Kirim's 24 in a row, at the 12th, 17th, 22nd and 24th. One that passes several at once tells of
	// the highest. Each process calls it once for each, and again when the endpoint has answered well in between. One
	// that is disabled by its own answer, as by 410, comes without.
	Failing func(ctx context.Context, sub Subscription, health Health, percent int)
	// Disabled is called once when a subscription's health disables it.
	Disabled func(ctx context.Context, sub Subscription)
	// Activated is called once when a pending subscription becomes active.
	Activated func(ctx context.Context, sub Subscription)
	// Purged is called after each purge of Run that removed something; Purged.Held is what endpoints will never get.
	Purged func(ctx context.Context, p Purged)
	// StoreFailed is called for each store call of Run that failed; Run tries again. op "read" tells of a row that the
	// store cannot read: the delivery that needed it is dead, with ReasonUnreadable, and Finished is called for it too.
	StoreFailed func(ctx context.Context, op string, err error)
}

// guarded runs a hook so that its panic cannot end a delivery, or the process.
func (s *Sender) guarded(ctx context.Context, name string, hook func()) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Logger.ErrorContext(ctx, "hook panicked", "hook", name, "panic", panicText(p), "stack", string(debug.Stack()))
		}
	}()
	hook()
}

// panicText tells what it can of a panic: its text may hold a body or a secret, unless it comes from the runtime.
func panicText(p any) string {
	if fault, ok := p.(runtime.Error); ok {
		return fault.Error()
	}
	return fmt.Sprintf("a %T", p)
}
