package sqlinbox

import (
	"context"
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver"
)

const (
	sqlStore = `{insert} {t} (event_key, lane, stage, due, arrived, created, head, body)
		values (@key, @lane, @stage, {now}, {now}, @created, @head, @body) {conflict}`
	sqlStored = `select 1 from {t} where event_key = @key`
)

// HandleEvent implements [receiver.EventHandler]: it stores the event, in one round trip, and returns nil when it is on
// disk. An event whose Key is stored already is nil too, whatever became of it; one without a Key is always new. Where
// the database does not answer, or the inbox is full, the sender is asked to try again.
func (b *Inbox) HandleEvent(ctx context.Context, ev *receiver.Event) error {
	stored, err := b.store(ctx, ev)
	switch {
	case err != nil:
		return receiver.RetryAfter(fmt.Errorf("sqlinbox: store: %w", bare(err)), comeAgain)
	case !stored:
		b.observe(ctx, "Duplicate", b.cfg.Hooks.Duplicate != nil, func() { b.cfg.Hooks.Duplicate(ctx, ev) })
	default:
		b.observe(ctx, "Stored", b.cfg.Hooks.Stored != nil, func() { b.cfg.Hooks.Stored(ctx, ev) })
	}
	return nil
}

// comeAgain is how long a sender is asked to wait.
const comeAgain = 10 * time.Second

func (b *Inbox) store(ctx context.Context, ev *receiver.Event) (stored bool, err error) {
	if err := b.check(ctx); err != nil {
		return false, err
	}
	text, err := encodeHead(ev)
	if err != nil {
		return false, err
	}
	lane := storeName(b.cfg.Key(ev))
	v := values{
		"key": nil, "lane": lane, "stage": stageNext, "created": int64(0),
		"head": text, "body": notNil(ev.Body),
	}
	if ev.Key != "" {
		v["key"] = storeName(ev.Key)
	}
	if lane != "" {
		v["stage"] = stageArrived
	}
	if !ev.CreatedAt.IsZero() {
		v["created"] = ev.CreatedAt.UnixMicro()
	}
	if b.full(ctx) {
		if ev.Key != "" && b.has(ctx, v["key"]) {
			return false, nil
		}
		return false, ErrFull
	}
	n, err := b.db.write(ctx, sqlStore, v)
	switch {
	case err != nil:
		return false, err
	case n == 0 && !b.has(ctx, v["key"]):
		return false, errNotStored
	}
	if lane != "" {
		b.rouseLane(lane)
	} else {
		b.rouse()
	}
	return n > 0, nil
}

// has makes sure that a row which was not stored is there: to some databases a conflict is not the only reason.
func (b *Inbox) has(ctx context.Context, key any) bool {
	var one int
	found, err := b.db.row(ctx, nil, sqlStored, values{"key": key}, &one)
	return found && err == nil
}

// notNil is body, which the database takes for NULL where it is nil.
func notNil(body []byte) []byte {
	if body == nil {
		return []byte{}
	}
	return body
}
