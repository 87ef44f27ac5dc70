package console

import (
	"errors"
	"fmt"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/signature"
)

// askNew shows the form of a new subscription.
func (v *visit) askNew() (answer, error) {
	if !v.changes {
		return answer{}, dashboard.ErrReadOnly
	}
	c := v.contract(v.query("contract"))
	if c == nil {
		c = &v.contracts[0]
	}
	f := v.newForm(c, &sender.Subscription{})
	return f.page(v), nil
}

// subscribe makes a subscription of the form, and shows its secret this once.
func (v *visit) subscribe() (answer, error) {
	c := v.contract(v.r.PostForm.Get("contract"))
	if c == nil {
		return answer{}, dashboard.ErrForm
	}
	var sub sender.Subscription
	f := v.newForm(c, &sub)
	events := f.read(v, c, v.r.PostForm)
	if v.r.PostForm.Has("more") {
		f.Devices = append(f.Devices, make([]deviceRow, blankDevices)...)
		return f.page(v), nil
	}
	sub.Contract = c.Name
	if f.apply(v, events, &sub); len(f.Wrong) > 0 {
		return f.page(v), nil
	}
	var secrets []signature.Secret
	if text := v.r.PostForm.Get("secret"); text != "" {
		secrets = append(secrets, signature.NewSecret(text))
	}
	made, secret, err := v.org.Subscribe(v.ctx(), sub, secrets...)
	switch {
	case errors.Is(err, sender.ErrLimit):
		f.complain("form", v.language.Say("form.limit"))
		return f.page(v), nil
	case f.refuse(err):
		return f.page(v), nil
	case err != nil:
		return answer{}, err
	case secret.IsZero() || len(secrets) > 0:
		return seeOther("webhooks/" + made.ID + "?done=" + created(made.Status)), nil
	}
	return v.showSecret(made.ID, secret, "secret.created")
}

func created(s sender.Status) string {
	if s == sender.StatusPendingTest {
		return "untested"
	}
	return "created"
}

// askEdit shows the form of a subscription.
func (v *visit) askEdit() (answer, error) {
	if !v.changes {
		return answer{}, dashboard.ErrReadOnly
	}
	_, f, _, err := v.formOf(v.id)
	if err != nil {
		return answer{}, err
	}
	return f.page(v), nil
}

func (v *visit) formOf(id string) (sub sender.Subscription, f form, c *sender.Contract, err error) {
	if sub, err = v.org.Subscription(v.ctx(), id); err != nil {
		return sub, f, nil, err
	}
	if c = v.contract(sub.Contract); c == nil {
		return sub, f, nil, fmt.Errorf("%w: subscription %s: there is no contract %q", sender.ErrInvalid, id, sub.Contract)
	}
	return sub, v.newForm(c, &sub), c, nil
}

// update changes a subscription as the form says. A URL on another host asks first what becomes of the secret.
func (v *visit) update() (answer, error) {
	sub, f, c, err := v.formOf(v.id)
	if err != nil {
		return answer{}, err
	}
	events := f.read(v, c, v.r.PostForm)
	if v.r.PostForm.Has("more") {
		f.Devices = append(f.Devices, make([]deviceRow, blankDevices)...)
		return f.page(v), nil
	}
	if f.apply(v, events, &sub); len(f.Wrong) > 0 {
		return f.page(v), nil
	}
	moves := f.Move == "renew" || f.Move == "keep"
	_, err = v.org.Update(v.ctx(), v.id, func(sub *sender.Subscription) {
		at := sub.URL
		f.apply(v, events, sub)
		if moves {
			sub.URL = at // Move changes it
		}
	})
	switch {
	case errors.Is(err, sender.ErrHostChanged):
		f.HostChanged = true
		return f.page(v), nil
	case f.refuse(err):
		return f.page(v), nil
	case err != nil:
		return answer{}, err
	case moves:
		return v.move(&f)
	}
	return seeOther("webhooks/" + v.id + "?done=saved"), nil
}

// move takes a subscription to another host.
func (v *visit) move(f *form) (answer, error) {
	var fresh signature.Secret
	var err error
	if f.Move == "keep" {
		_, err = v.org.MoveWithSecret(v.ctx(), v.id, f.URL)
	} else {
		_, fresh, err = v.org.Move(v.ctx(), v.id, f.URL)
	}
	switch {
	case f.refuse(err):
		f.HostChanged = true
		return f.page(v), nil
	case err != nil:
		return answer{}, err
	case fresh.IsZero():
		return seeOther("webhooks/" + v.id + "?done=saved"), nil
	}
	return v.showSecret(v.id, fresh, "secret.moved")
}
