package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// visit is one request, with what its page needs.
type visit struct {
	*console
	w        http.ResponseWriter
	r        *http.Request
	language *language
	token    string    // of the link that the visitor came by; "" if by none
	ends     time.Time // when that ends
	place    place
	org      *sender.Org // nil until the visitor is let in
	changes  bool
	id       string // {id} of the route
}

var (
	errNoPage      = errors.New("console: no such page")
	errMethod      = errors.New("console: method not allowed")
	errNoAccess    = errors.New("console: no access")
	errReadOnly    = errors.New("console: read-only")
	errCrossOrigin = errors.New("console: the request comes from another site")
	errForm        = errors.New("console: the form could not be read")
)

const maxForm = 1 << 20

func (v *visit) ctx() context.Context { return v.r.Context() }

// enter finds out whose webhooks the visitor may see.
func (v *visit) enter() error {
	if v.token != "" {
		g, err := readGrant(v.cfg.LinkKey, v.token, time.Now())
		if err != nil {
			return errNoAccess
		}
		v.org, v.changes, v.ends = v.sender.Org(g.Org), g.Changes, g.Expires
		return nil
	}
	if v.cfg.Org == nil {
		return errNoAccess
	}
	name, err := v.cfg.Org(v.r)
	if err == nil && name == "" {
		err = errors.New("it names none")
	}
	if err != nil {
		v.cfg.Logger.InfoContext(v.ctx(), "console: no organisation for a request", "error", err)
		return errNoAccess
	}
	v.org = v.sender.Org(name)
	v.changes = v.cfg.Changes != nil && v.cfg.Changes(v.r)
	return nil
}

// mayChange lets a change through, and reads its form.
func (v *visit) mayChange() error {
	if err := v.origin.Check(v.r); err != nil {
		return fmt.Errorf("%w: %w", errCrossOrigin, err)
	}
	if !v.changes {
		return errReadOnly
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	return nil
}

func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }

// redirect answers with another place, relative to this one. http.Redirect would make it absolute, of a path from which
// a router may have taken something off.
func (v *visit) redirect(status int, to string) {
	v.w.Header().Set("Location", to)
	v.w.WriteHeader(status)
}
