package sender

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/internal/limiter"
	"github.com/kirimhooks/kirimhooks/signature"
)

const (
	maxResponse  = 16 << 10 // bytes read of an answer
	keptResponse = 1 << 10  // bytes of it in the log
)

// process makes one attempt of a claimed delivery and says what is to become of it. It never fails: a fault of
// ours, a panic included, releases the delivery for a later try.
func (s *Sender) process(ctx context.Context, c *claim, deadline time.Time) (result conclusion) {
	defer func() {
		if p := recover(); p != nil {
			result = s.panicked(ctx, c, p)
		}
	}()
	if c.Event == nil || c.Subscription == nil {
		return s.faulty(ctx, c, "the store gave it incomplete",
			errors.New("the store gave a delivery without its event or subscription"))
	}
	contract := s.contract(c.Subscription.Contract)
	if contract == nil {
		return s.faulty(ctx, c, fmt.Sprintf("no contract %q", c.Subscription.Contract),
			fmt.Errorf("this process has no contract %q", c.Subscription.Contract))
	}
	if c.Lapses > s.cfg.MaxLapses {
		done := c.end(StateDead, "crash_loop")
		done.outcome.Health = driver.HealthUnchanged // it was our processes that died, not the endpoint
		return done
	}
	req, secrets, err := s.request(ctx, contract, c)
	if err != nil {
		return s.faulty(ctx, c, "it could not be signed", err)
	}
	timeout := contract.Timeout
	if c.Delivery.Test {
		timeout = contract.TestTimeout
	}
	// A delivery that waited here for so long that its lease might not cover the attempt goes back unsent.
	if time.Until(deadline) < timeout {
		return c.release(0, c.Delivery.Reason)
	}
	return s.send(ctx, contract, c, req, secrets, timeout)
}

// panicked releases a delivery whose attempt ended in a panic.
func (s *Sender) panicked(ctx context.Context, c *claim, p any) conclusion {
	s.cfg.Logger.ErrorContext(ctx, "attempt panicked", c.logged("panic", panicText(p), "stack", string(debug.Stack()))...)
	return c.ownFault(ownFaultWait, "its contract panicked")
}

// send makes the request and reads the answer. The status decides: a 2xx whose body breaks off is a success.
func (s *Sender) send(
	ctx context.Context, contract *Contract, c *claim, req *http.Request, secrets []signature.Secret,
	timeout time.Duration,
) (done conclusion) {
	result := Result{Attempt: c.Delivery.Attempt + 1}
	attempt := &Attempt{N: result.Attempt, Test: c.Delivery.Test}
	defer func() {
		if p := recover(); p != nil {
			// The request may be out, so that the log has to show it.
			*attempt = Attempt{N: attempt.N, At: attempt.At, Test: attempt.Test, Duration: attempt.Duration,
				ErrorClass: ClassUnknown}
			done = s.panicked(ctx, c, p).with(attempt)
		}
	}()
	spanned := s.started(ctx, c)
	attempt.At = time.Now()
	limited, cancel := context.WithTimeout(spanned, timeout)
	defer cancel()
	resp, err := s.transport.RoundTrip(req.WithContext(limited))
	if err == nil {
		body, cut, _ := egress.ReadBody(resp, maxResponse) // what broke off after the status changes nothing
		result.StatusCode = resp.StatusCode
		result.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
		attempt.Response = excerpt(body, cut, secrets)
	} else {
		result.ErrorClass = errorClass(err)
	}
	attempt.Duration = time.Since(attempt.At)
	attempt.StatusCode, attempt.ErrorClass = result.StatusCode, result.ErrorClass
	s.logAttempt(ctx, c, attempt, err)
	if err != nil && ctx.Err() != nil {
		// Cut off by our own shutdown, or given up by the caller of Test: nobody knows what became of the request, and the
		// number is used again.
		attempt.ErrorClass = ClassUnknown
		return c.release(0, c.waitsAs("shutdown")).with(attempt)
	}
	if fault := egress.HostFaultOf(err); fault != "" {
		return s.hostFaulty(ctx, c, fault, err)
	}
	s.host.worked()
	if egress.Classify(err) == egress.Proxy {
		return s.faulty(ctx, c, "the egress proxy did not serve", err) // nothing has reached the endpoint
	}
	s.failed(spanned, c, attempt, err)
	return s.conclude(spanned, contract, c, result, attempt)
}

// logAttempt tells operators more of a failure than its class, which is all that tenants see. A Transport of the host's
// own may say anything in its errors, secrets too.
func (s *Sender) logAttempt(ctx context.Context, c *claim, a *Attempt, err error) {
	if !s.cfg.Logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	args := c.logged("event", c.Delivery.EventID, "type", c.Delivery.EventType, "attempt", a.N,
		"status", a.StatusCode, "class", a.ErrorClass, "duration", a.Duration)
	if err != nil && s.cfg.Transport == nil {
		args = append(args, "error", egress.Describe(err))
	}
	s.cfg.Logger.DebugContext(ctx, "attempt", args...)
}

// conclude makes a conclusion of a result, and tells whoever listens.
func (s *Sender) conclude(
	ctx context.Context, contract *Contract, c *claim, result Result, attempt *Attempt,
) conclusion {
	verdict, state, after := contract.next(&c.Delivery, result)
	if hook := s.cfg.Hooks.AttemptDone; hook != nil {
		s.guarded(ctx, "AttemptDone", func() { hook(ctx, shown(c.Delivery), *attempt) })
	}
	done := c.release(after, verdict.Reason)
	if state != StatePending {
		done = c.end(state, verdict.Reason)
		done.disable = verdict.Judgement == DeadAndDisable && c.live()
	}
	switch {
	case state == StateDelivered:
		done.reaction = limiter.Success
	case result.StatusCode == 0:
		done.reaction = limiter.NoAnswer
	case result.StatusCode == http.StatusTooManyRequests || result.StatusCode == http.StatusServiceUnavailable:
		done.reaction = limiter.Overload
	default:
		done.reaction = limiter.OtherAnswer
	}
	return done.with(attempt)
}
