package console

import (
	"errors"
	"net/http"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
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
	dashboard.Secure(w.Header())
	v := &visit{console: c, w: w, r: r, place: dashboard.PlaceOf(c.cfg.Prefix, r)}
	v.language = languages.Preferred(c.cfg.Language, r)
	if to := v.place.Elsewhere(r, linkRoot); to != "" {
		dashboard.Redirect(w, http.StatusPermanentRedirect, to)
		return
	}
	v.token, v.place = v.place.Link(linkRoot)
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
