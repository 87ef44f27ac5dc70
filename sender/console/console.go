package console

import (
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
)

// console answers the requests below the path where it is mounted.
type console struct {
	sender    *sender.Sender
	contracts []sender.Contract
	cfg       Config
	origin    *http.CrossOriginProtection
}

// New makes the dashboard of s. It starts nothing and keeps nothing between requests, so that any number of processes
// may serve it. A faulty cfg is refused with all that is wrong with it.
func New(s *sender.Sender, cfg Config) (http.Handler, error) {
	if s == nil {
		return nil, errors.New("console: sender: required")
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &console{
		sender: s, contracts: s.Contracts(), cfg: cfg.withDefaults(), origin: http.NewCrossOriginProtection(),
	}, nil
}

// ServeHTTP implements [http.Handler].
func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	v := &visit{console: c, w: w, r: r, language: c.language(r), place: placeOf(c.cfg.Prefix, r)}
	if to := v.place.elsewhere(r); to != "" {
		v.redirect(http.StatusPermanentRedirect, to)
		return
	}
	v.token, v.place = v.place.link()
	if name, is := v.place.asset(); is {
		v.serveAsset(name)
		return
	}
	a, err := v.answer()
	if err != nil {
		a = v.problem(err)
	}
	v.write(a)
}

// secure sets what protects every answer: nothing inline, nothing from elsewhere, in nobody's frame, in no cache.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would take the Origin from the forms of older browsers
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
