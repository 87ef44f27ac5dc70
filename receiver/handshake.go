package receiver

import (
	"errors"
	"io"
	"net/http"
)

// handshake answers the GET by which a sender makes sure that the address belongs to who subscribed it. What it sends
// back is the sender's own text, as plain text, so that it can be nothing else to a browser.
func (h *handler) handshake(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for i := range h.cfg.Dialects {
		d := &h.cfg.Dialects[i]
		if d.Challenge == nil {
			continue
		}
		if body, ok := d.Challenge(q); ok {
			plainText(w.Header())
			_, _ = io.WriteString(w, body)
			return
		}
	}
	h.report(r, "", &Rejection{Status: http.StatusForbidden, Err: errors.New("handshake: no dialect knows the token")})
	w.WriteHeader(http.StatusForbidden)
}
