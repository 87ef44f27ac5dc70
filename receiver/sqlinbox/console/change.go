package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

// deeds are what people may do to an event, by the names that forms have for them.
var deeds = map[string]func(b *sqlinbox.Inbox, ctx context.Context, id int64) error{
	"replay": (*sqlinbox.Inbox).Replay,
	"retry":  (*sqlinbox.Inbox).RetryNow,
	"cancel": (*sqlinbox.Inbox).Cancel,
}

// deedsFor are those that an event of a state may allow.
func deedsFor(s sqlinbox.State) []string {
	switch s {
	case sqlinbox.Waiting:
		return []string{"retry", "cancel"}
	case sqlinbox.Done, sqlinbox.Dead, sqlinbox.Cancelled:
		return []string{"replay"}
	}
	return nil
}

// changeOne does something to one event, and leads to its page.
func (v *visit) changeOne() (answer, error) {
	name := v.r.PostForm.Get("do")
	do := deeds[name]
	if do == nil {
		return answer{}, dashboard.ErrForm
	}
	if err := do(v.inbox, v.ctx(), v.id); err != nil {
		return answer{}, err
	}
	return answer{to: "events/" + strconv.FormatInt(v.id, 10) + "?done=" + name}, nil
}

// selection is what became of events that a person ticked.
type selection struct {
	Do      string
	Done    []int64
	LeftOut []leftOut
}

// leftOut is one that nothing was done to.
type leftOut struct {
	ID  int64
	Why string
}

// changeSelected does the same to each event that is ticked, one by one: each was meant by whoever ticked it.
func (v *visit) changeSelected() (answer, error) {
	page := selection{Do: v.r.PostForm.Get("do")}
	do, texts := deeds[page.Do], v.r.PostForm["id"]
	if do == nil || len(texts) > pageSize {
		return answer{}, dashboard.ErrForm
	}
	ids := make([]int64, len(texts))
	for i, text := range texts {
		var err error
		if ids[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return answer{}, dashboard.ErrForm
		}
	}
	for _, id := range ids {
		err := do(v.inbox, v.ctx(), id)
		switch {
		case err == nil:
			page.Done = append(page.Done, id)
		case errors.Is(err, sqlinbox.ErrState), errors.Is(err, sqlinbox.ErrNotFound):
			page.LeftOut = append(page.LeftOut, leftOut{id, err.Error()})
		default:
			return answer{}, err
		}
	}
	return answer{
		status: http.StatusOK, template: "selected", section: "events", title: v.language.Say("do." + page.Do), data: page,
	}, nil
}
