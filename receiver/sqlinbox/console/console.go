package console

import (
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// console answers the requests below the path where it is mounted.
type console struct {
	inbox  *sqlinbox.Inbox
	cfg    Config
	origin *http.CrossOriginProtection
}

// New makes the dashboard of inbox. It starts nothing and keeps nothing between requests, so that any number of
// processes may serve it, those that do not run the inbox too. A faulty cfg is refused with all that is wrong with it.
func New(inbox *sqlinbox.Inbox, cfg Config) (http.Handler, error) {
	if inbox == nil {
		return nil, errors.New("console: inbox: required")
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &console{inbox: inbox, cfg: cfg.withDefaults(), origin: http.NewCrossOriginProtection()}, nil
}

const noLinks = "" // that are signed, as those of a sender's console

// ServeHTTP implements [http.Handler].
func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dashboard.Secure(w.Header())
	v := &visit{console: c, w: w, r: r, place: dashboard.PlaceOf(c.cfg.Prefix, r)}
	v.language = languages.Preferred(c.cfg.Language, r)
	if to := v.place.Elsewhere(r, noLinks); to != "" {
		dashboard.Redirect(w, http.StatusPermanentRedirect, to)
		return
	}
	v.changes = c.cfg.Changes != nil && c.cfg.Changes(r)
	if name, is := v.place.Asset(); is {
		if !dashboard.ServeAsset(w, r, name) {
			v.write(v.problem(dashboard.ErrNoPage))
		}
		return
	}
	a, err := v.answer()
	if err != nil {
		a = v.problem(err)
	}
	v.write(a)
}
