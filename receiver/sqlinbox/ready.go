package sqlinbox

import (
	"encoding/json"
	"net/http"
)

// Live answers whether this process should go on, for a liveness probe at /healthz: 200, and 503 once Run has returned.
// It does not ask the database, since another process would find it in the same trouble. The body is JSON:
// {"run":"running"}, or "not started", "stopping", "stopped".
func (b *Inbox) Live() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c := b.condition()
		writeAnswer(w, c.Running || !c.Stopping, struct {
			Run string `json:"run"`
		}{c.run()})
	})
}

// Ready answers whether this process can take events, for a readiness probe at /readyz: 200 if the database answers,
// and 503 if it does not or Run's context has ended. A process that receives only, and never calls Run, is ready when
// its database is. The body is JSON of numbers and fixed words: run as Live has it, store "ok" or "failed", how long it
// took and how old the oldest due event is, in seconds. Why the database failed is logged, and told to
// Hooks.StoreFailed with op "health".
func (b *Inbox) Ready() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := b.Health(r.Context())
		body := struct {
			Run       string  `json:"run"`
			Store     string  `json:"store"`
			Latency   float64 `json:"latency_seconds"`
			OldestDue float64 `json:"oldest_due_seconds"`
		}{c.run(), "ok", c.Latency.Seconds(), c.OldestDue.Seconds()}
		if err != nil {
			body.Store = "failed"
			if r.Context().Err() == nil {
				b.trouble(r.Context(), "health", err)
			}
		}
		writeAnswer(w, err == nil && !c.Stopping, body)
	})
}

// writeAnswer writes what a probe gets.
func writeAnswer(w http.ResponseWriter, good bool, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(body) // whoever went away does not want it
}
