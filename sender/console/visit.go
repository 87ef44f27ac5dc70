package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// visit is one request, with what its page needs.
type visit struct {
	*console
	w        http.ResponseWriter
	r        *http.Request
	language *dashboard.Language
	token    string    // of the link that the visitor came by; "" if by none
	ends     time.Time // when that ends
	place    dashboard.Place
	org      *sender.Org // nil until the visitor is let in
	changes  bool
	id       string // {id} of the route
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// enter finds out whose webhooks the visitor may see.
func (v *visit) enter() error {
	if v.token != "" {
		g, err := readGrant(v.cfg.LinkKey, v.token, time.Now())
		if err != nil {
			return dashboard.ErrNoAccess
		}
		v.org, v.changes, v.ends = v.sender.Org(g.Org), g.Changes, g.Expires
		return nil
	}
	if v.cfg.Org == nil {
		return dashboard.ErrNoAccess
	}
	name, err := v.cfg.Org(v.r)
	if err == nil && name == "" {
		err = errors.New("it names none")
	}
	if err != nil {
		v.cfg.Logger.InfoContext(v.ctx(), "console: no organisation for a request", "error", err)
		return dashboard.ErrNoAccess
	}
	v.org = v.sender.Org(name)
	v.changes = v.cfg.Changes != nil && v.cfg.Changes(v.r)
	return nil
}

func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }
