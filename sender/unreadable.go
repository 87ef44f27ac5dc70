package sender

import (
	"context"
	"strings"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// setAside tells of deliveries that the store has ended because it cannot read them.
func (s *Sender) setAside(ctx context.Context, list []driver.Unreadable) {
	for i := range list {
		d, err := shown(list[i].Delivery), list[i].Err
		s.cfg.Logger.ErrorContext(ctx, "delivery set aside: the store cannot read it", "org", d.Org, "subscription",
			d.SubscriptionID,
			"delivery", d.ID, "event", d.EventID, "error", err)
		if hook := s.cfg.Hooks.StoreFailed; hook != nil {
			s.guarded(ctx, "StoreFailed", func() { hook(ctx, "read", err) })
		}
		if hook := s.cfg.Hooks.Finished; hook != nil {
			s.guarded(ctx, "Finished", func() { hook(ctx, d) })
		}
	}
}

// unreadable reports a record of which the store could read no more than its name.
func unreadable(r *driver.SubscriptionRecord) bool {
	return r.Contract == "" && r.StatusReason == ReasonUnreadable
}

// plainReason makes a reason that any store can keep: contracts make them, perhaps of what an endpoint answered.
func plainReason(reason string) string {
	if len(reason) > maxText {
		reason = reason[:maxText]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(reason, "\uFFFD"), "\x00", "\uFFFD")
}
