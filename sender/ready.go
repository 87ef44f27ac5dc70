package sender

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Live answers whether this process should go on, for a liveness probe at /healthz: 200, and 503 once Run has returned.
// It does not ask the store, since another process would find it in the same trouble. The body is JSON:
// {"run":"running"}, or "not started", "stopping", "stopped".
func (s *Sender) Live() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c := s.condition()
		answer(w, c.Running || !c.Stopping, struct {
			Run string `json:"run"`
		}{c.run()})
	})
}

// Ready answers whether this process can take work, for a readiness probe at /readyz: 200 if the store answers, and 503
// if it does not or Run's context has ended. A process that only publishes, and never calls Run, is ready when its
// store is. The body is JSON of numbers and fixed words: run as Live has it, store "ok" or "failed", how long it took
// and how old the oldest due delivery is, in seconds. Why the store failed is logged as a Warn, less often the
// longer it does.
func (s *Sender) Ready() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := s.Health(r.Context())
		body := struct {
			Run       string  `json:"run"`
			Store     string  `json:"store"`
			Latency   float64 `json:"latency_seconds"`
			OldestDue float64 `json:"oldest_due_seconds"`
		}{c.run(), "ok", c.Latency.Seconds(), c.OldestDue.Seconds()}
		if err != nil {
			body.Store = "failed"
		}
		s.logHealth(r.Context(), err)
		answer(w, err == nil && !c.Stopping, body)
	})
}

// logHealth tells of the store what the body of an answer does not.
func (s *Sender) logHealth(ctx context.Context, err error) {
	switch {
	case err == nil:
		s.storeWorked(ctx, "health")
	case ctx.Err() != nil: // whoever asked went away
	default:
		if line := s.trouble.failed("health", time.Now()); line != nil {
			s.cfg.Logger.WarnContext(ctx, "store failed", append(line, "error", err)...)
		}
	}
}

// answer writes what a probe gets.
func answer(w http.ResponseWriter, good bool, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(body) // whoever went away does not want it
}
